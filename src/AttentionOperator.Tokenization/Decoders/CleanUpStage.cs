namespace AttentionOperator.Tokenization.Decoders;

/// <summary>Cleans up the text as a whole, holding back what the next characters may still change.</summary>
internal sealed class CleanUpStage : DecoderStage
{
    private string held = "";

    public override void Push(string chunk, bool startsToken)
    {
        held += chunk;
        var cut = LastCut(held);
        if (cut == 0)
            return;
        Next.Push(CleanUp.Apply(held[..cut]), startsToken: true);
        held = held[cut..];
    }

    public override void End()
    {
        if (held.Length > 0)
            Next.Push(CleanUp.Apply(held), startsToken: true);
        held = "";
        Next.End();
    }

    // Every rule begins with a space, and only " ' " has another one. So no rule, in whatever order, reaches across a space that follows
    // something that is neither a space nor an apostrophe.
    private static int LastCut(string text)
    {
        for (var i = text.Length - 1; i > 0; i--)
        {
            if (text[i] == ' ' && text[i - 1] is not ' ' and not '\'')
                return i;
        }
        return 0;
    }
}
