namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Where an artifact is.</summary>
public enum ArtifactScheme
{
    /// <summary>In a PersistentVolumeClaim of the same namespace.</summary>
    Pvc,

    /// <summary>In a directory of the node.</summary>
    File,

    /// <summary>Below an HTTPS address, with its list in <c>SHA256SUMS</c>; fetched.</summary>
    Https,

    /// <summary>In a bucket of an S3-compatible store; fetched.</summary>
    S3,

    /// <summary>In a repository of the Hugging Face hub; fetched.</summary>
    Hub,

    /// <summary>In a container image, mounted as a volume by the node.</summary>
    Oci,
}
