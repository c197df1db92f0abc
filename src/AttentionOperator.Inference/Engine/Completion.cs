namespace AttentionOperator.Inference.Engine;

/// <summary>Whether a token ends its answer, and what text it brings.</summary>
internal static class Completion
{
    /// <summary>Decides after <paramref name="token"/> was appended.</summary>
    /// <param name="work">The request.</param>
    /// <param name="token">The token.</param>
    /// <param name="text">Its text, or null where the reader of the stream makes it.</param>
    /// <param name="hidden">The token is a stop id and has no text.</param>
    public static FinishReason? After(GenerationWork work, int token, out string? text, out bool hidden)
    {
        var mayStop = work.OutputCount > work.Request.MinTokens;
        hidden = mayStop && work.StopIds.AsSpan().Contains(token);
        FinishReason? finish = hidden ? FinishReason.Stop : null;
        if (!hidden && work.Constraint is { } constraint)
        {
            if (!constraint.Advance(token)) throw new InvalidOperationException($"Token {token} passed the mask of the constraint but does not continue it.");
            if (constraint.Complete) finish = FinishReason.Stop;
        }

        if (finish is null && work.Tokens.Count >= work.LengthLimit) finish = FinishReason.Length;
        text = null;
        if (!work.TextInEngine) return finish;

        var stopped = false;
        text = hidden ? "" : work.Text.Push(token, mayStop, out stopped);
        if (stopped) return FinishReason.Stop;
        if (finish is null) return null;
        text += work.Text.Flush(out stopped);
        return stopped ? FinishReason.Stop : finish;
    }
}
