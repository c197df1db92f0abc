namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Whether replicas may run on spot nodes, which the cloud may take back at short notice.</summary>
public enum SpotPolicy
{
    /// <summary>Never.</summary>
    Avoid,

    /// <summary>Yes, above the floor of onDemandReplicas, which run on other nodes.</summary>
    Allow,

    /// <summary>Only.</summary>
    Require,
}
