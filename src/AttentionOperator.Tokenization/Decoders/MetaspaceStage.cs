namespace AttentionOperator.Tokenization.Decoders;

/// <summary>The visible space back to a space; the first token loses it where one was put in front.</summary>
internal sealed class MetaspaceStage(char replacement, bool wasPrepended) : DecoderStage
{
    private bool isFirst = true;
    private bool started;

    public override void Push(string chunk, bool startsToken)
    {
        if (startsToken && started)
            isFirst = false;
        started = true;
        Next.Push(isFirst && wasPrepended
            ? chunk.Replace(replacement.ToString(), "", StringComparison.Ordinal)
            : chunk.Replace(replacement, ' '), startsToken);
    }
}
