namespace AttentionOperator.Tokenization.Decoders;

/// <summary>A decoder as published: makes the stages of one stream.</summary>
internal sealed class DecoderChain(IReadOnlyList<DecoderStep> steps)
{
    /// <summary>Whether token strings are stand-ins of bytes.</summary>
    public bool IsByteLevel { get; } = steps.Any(s => s.IsByteLevel);

    /// <summary>Whether <c>&lt;0xNN&gt;</c> tokens stand for bytes.</summary>
    public bool HasByteFallback { get; } = steps.Any(s => s.IsByteFallback);

    /// <summary>The first stage of a new stream that ends in <paramref name="text"/>.</summary>
    public DecoderStage Start(bool cleansUp, out TextStage text)
    {
        text = new TextStage();
        DecoderStage first = cleansUp ? new CleanUpStage { Next = text } : text;
        var fused = new bool[steps.Count];
        for (var i = 1; i < steps.Count; i++)
            fused[i] = fused[i - 1] || steps[i - 1].Fuses;
        for (var i = steps.Count - 1; i >= 0; i--)
        {
            var stage = steps[i].Create();
            stage.Next = first;
            first = fused[i] && !steps[i].TakesChunks ? new WholeTokenStage { Next = stage } : stage;
        }
        return first;
    }
}

/// <param name="TakesChunks">Whether the step can work on parts of a token.</param>
/// <param name="Fuses">Whether all tokens become one.</param>
internal sealed record DecoderStep(Func<DecoderStage> Create, bool TakesChunks = false, bool Fuses = false, bool IsByteLevel = false, bool IsByteFallback = false);
