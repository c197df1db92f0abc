using AttentionOperator.Api.Schema;
using k8s.Models;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Where a model's files are.</summary>
public sealed record ModelSource
{
    /// <summary>Location of the model's directory: <c>pvc://claim/path</c> (a PersistentVolumeClaim in the same namespace) or <c>file:///path</c> (a directory on the node, where the operator allows it).</summary>
    [RequiredField]
    [Length(2048, 1)]
    [CelRule(ArtifactUri.SchemeRule, "model.uri " + ArtifactUri.SchemeMessage)]
    [CelRule(ArtifactUri.SegmentRule, "model.uri " + ArtifactUri.SegmentMessage)]
    public string Uri { get; init; } = "";

    /// <summary>Digest of the model, <c>sha256:</c> and 64 hexadecimal digits; verified before use. Default: not verified.</summary>
    [Pattern(ArtifactUri.DigestPattern)]
    public string? Digest { get; init; }

    /// <summary>Secret with the credentials of the source.</summary>
    [Planned]
    public V1LocalObjectReference? SecretRef { get; init; }
}
