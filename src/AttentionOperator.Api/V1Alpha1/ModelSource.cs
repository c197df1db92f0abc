namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Where a model's files are.</summary>
public sealed record ModelSource
{
    /// <summary>Location: <c>pvc://claim/path</c>, <c>file:///path</c> (on the node), <c>https://</c>, <c>s3://</c>, <c>hf://org/model@revision</c> or <c>oci://</c>.</summary>
    public string Uri { get; init; } = "";

    /// <summary>sha256 of the model, <c>sha256:…</c> (see the artifact digest in the documentation); verified before use.</summary>
    public string? Digest { get; init; }
}
