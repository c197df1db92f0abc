namespace AttentionOperator.Tokenization.Decoders;

/// <summary>What happens without a decoder: tokens with spaces between them.</summary>
internal sealed class JoinStage : DecoderStage
{
    private bool started;

    public override void Push(string chunk, bool startsToken)
    {
        Next.Push(started && startsToken ? " " + chunk : chunk, startsToken);
        started = true;
    }
}
