namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Where a tokenizer's files are.</summary>
public sealed record TokenizerSource
{
    /// <summary>Location, as for the model.</summary>
    public string Uri { get; init; } = "";

    /// <summary>Fingerprint of the tokenizer, <c>sha256:…</c>; compared before the pod becomes ready.</summary>
    public string? Digest { get; init; }
}
