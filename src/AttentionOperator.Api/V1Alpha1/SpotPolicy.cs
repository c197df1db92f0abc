namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Whether replicas may run on spot nodes.</summary>
public enum SpotPolicy
{
    /// <summary>Never.</summary>
    Avoid,

    /// <summary>Yes, above a guaranteed on-demand floor.</summary>
    Allow,

    /// <summary>Only.</summary>
    Require,
}
