using AttentionOperator.Inference.Engine;

namespace AttentionOperator.Runtime.Serving;

/// <summary>What one choice gained: a chunk of a stream, or the whole choice of an answer at once.</summary>
internal sealed class ChoiceDelta
{
    public int Index { get; set; }

    public string Text { get; set; } = "";

    /// <summary>Ids whose text this is; only for callers that hold the internal token.</summary>
    public List<int>? TokenIds { get; set; }

    /// <summary>Log-probabilities of the tokens; null = not asked for.</summary>
    public List<TokenLogProb?>? LogProbs { get; set; }

    public string? FinishReason { get; set; }

    public IReadOnlyList<ToolCall> ToolCalls { get; set; } = [];

    /// <summary>The choice's first delta.</summary>
    public bool IsFirst { get; set; }

    /// <summary>Characters of the choice before this delta.</summary>
    public int TextOffset { get; set; }
}
