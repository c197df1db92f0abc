using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Counts as they were at one time.</summary>
public sealed record EvidenceSample
{
    /// <summary>When, in seconds since 1970.</summary>
    [RequiredField]
    public long At { get; init; }

    /// <summary>Counts per objective.</summary>
    [ListMap("name")]
    public IReadOnlyList<ObjectiveEvidence>? Objectives { get; init; }
}
