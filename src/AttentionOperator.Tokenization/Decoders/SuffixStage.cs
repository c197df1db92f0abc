namespace AttentionOperator.Tokenization.Decoders;

/// <summary>The end-of-word suffix becomes a space, except at the very end.</summary>
internal sealed class SuffixStage(string suffix) : DecoderStage
{
    private string? held;

    public override void Push(string chunk, bool startsToken)
    {
        if (held is not null)
            Next.Push(Replace(held, " "), startsToken: true);
        held = chunk;
    }

    public override void End()
    {
        if (held is not null)
            Next.Push(Replace(held, ""), startsToken: true);
        held = null;
        Next.End();
    }

    private string Replace(string token, string by) => suffix.Length == 0 ? token : token.Replace(suffix, by, StringComparison.Ordinal);
}
