namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Where an artifact is.</summary>
public enum ArtifactScheme
{
    /// <summary>In a PersistentVolumeClaim of the same namespace.</summary>
    Pvc,

    /// <summary>In a directory of the node.</summary>
    File,
}
