namespace AttentionOperator.Tokenization.Decoders;

/// <summary>All tokens become one.</summary>
internal sealed class FuseStage : DecoderStage
{
    private bool started;

    public override void Push(string chunk, bool startsToken)
    {
        Next.Push(chunk, !started);
        started = true;
    }
}
