namespace AttentionOperator.AggregatedMetrics;

/// <summary>Kinds of requests.</summary>
internal enum MetricsRequestKind
{
    Unknown,

    /// <summary>All groups.</summary>
    Groups,

    /// <summary>The versions of a group.</summary>
    Group,

    /// <summary>The resources of a version.</summary>
    Resources,

    /// <summary>A metric of AttentionModels by labels.</summary>
    External,

    /// <summary>A metric of one AttentionModel, or (name <c>*</c>) of all that a selector matches.</summary>
    Custom,
}
