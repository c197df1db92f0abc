namespace AttentionOperator.Tokenization.Models;

/// <summary>Options of a BPE model, as tokenizer.json names them.</summary>
internal sealed record BpeOptions
{
    public int? UnknownId { get; init; }

    public string ContinuingSubwordPrefix { get; init; } = "";

    public string EndOfWordSuffix { get; init; } = "";

    public bool FuseUnknown { get; init; }

    public bool ByteFallback { get; init; }

    public bool IgnoreMerges { get; init; }
}
