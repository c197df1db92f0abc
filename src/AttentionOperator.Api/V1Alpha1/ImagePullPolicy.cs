namespace AttentionOperator.Api.V1Alpha1;

/// <summary>When a container image is pulled.</summary>
public enum ImagePullPolicy
{
    /// <summary>At every start.</summary>
    Always,

    /// <summary>When the node does not have it.</summary>
    IfNotPresent,

    /// <summary>The node must have it.</summary>
    Never,
}
