using AttentionOperator.Api.Schema;
using k8s.Models;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Where a model's files are.</summary>
public sealed record ModelSource
{
    /// <summary>
    /// Location of the model's directory. Mounted: <c>pvc://claim/path</c> (a PersistentVolumeClaim in the same namespace), <c>oci://image</c> (its root; <c>runtime.imagePullSecrets</c> are used), <c>file:///path</c> (a directory on the node, where the operator allows it).
    /// Fetched by each pod before it starts, into <c>model.cache</c>: <c>https://host/path</c> (with a list in <c>SHA256SUMS</c>), <c>s3://bucket/prefix</c>, <c>hf://organisation/model@revision</c>.
    /// </summary>
    [RequiredField]
    [Length(2048, 1)]
    [CelRule(ArtifactUri.SchemeRule, "model.uri " + ArtifactUri.SchemeMessage)]
    [CelRule(ArtifactUri.SegmentRule, "model.uri " + ArtifactUri.SegmentMessage)]
    public string Uri { get; init; } = "";

    /// <summary>Digest of the model, <c>sha256:</c> and 64 hexadecimal digits; verified before use. Default: not verified.</summary>
    [Pattern(ArtifactUri.DigestPattern)]
    public string? Digest { get; init; }

    /// <summary>
    /// Secret of the same namespace with what a fetch needs, each entry optional: <c>HF_TOKEN</c> and <c>HF_ENDPOINT</c> for hf; <c>AWS_ACCESS_KEY_ID</c>, <c>AWS_SECRET_ACCESS_KEY</c>, <c>AWS_SESSION_TOKEN</c>, <c>AWS_REGION</c> and <c>AWS_ENDPOINT_URL</c> for s3;
    /// <c>ATTENTION_FETCH_AUTHORIZATION</c> (the header's value) for https. Only the fetching container sees them.
    /// </summary>
    public V1LocalObjectReference? SecretRef { get; init; }

    /// <summary>Where fetched files are kept. Default: in the pod, so that each new pod fetches again.</summary>
    public ModelCacheSpec? Cache { get; init; }
}
