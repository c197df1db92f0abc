using System.Text;

namespace AttentionOperator.Tokenization.Decoders;

/// <summary>Puts the chunks of a token together again, for a step that has to see it whole.</summary>
internal sealed class WholeTokenStage : DecoderStage
{
    private readonly StringBuilder token = new();
    private bool open;

    public override void Push(string chunk, bool startsToken)
    {
        if (startsToken)
            Flush();
        token.Append(chunk);
        open = true;
    }

    public override void End()
    {
        Flush();
        Next.End();
    }

    private void Flush()
    {
        if (open)
            Next.Push(token.ToString(), startsToken: true);
        token.Clear();
        open = false;
    }
}
