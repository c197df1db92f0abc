using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Where a tokenizer's files are.</summary>
public sealed record TokenizerSource
{
    /// <summary>Location of the tokenizer's directory, as for the model; default: the model's own directory.</summary>
    [Length(2048, 1)]
    [CelRule(ArtifactUri.SchemeRule, "tokenizer.uri " + ArtifactUri.SchemeMessage)]
    [CelRule(ArtifactUri.SegmentRule, "tokenizer.uri " + ArtifactUri.SegmentMessage)]
    public string? Uri { get; init; }

    /// <summary>Fingerprint of the tokenizer, <c>sha256:</c> and 64 hexadecimal digits; compared before a pod becomes ready.</summary>
    [Pattern(ArtifactUri.DigestPattern)]
    public string? Digest { get; init; }
}
