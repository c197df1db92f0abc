namespace AttentionOperator.Tokenization.Decoders;

/// <summary>Removes up to <paramref name="start"/> and <paramref name="stop"/> copies of a character from the ends of each token.</summary>
internal sealed class StripStage(char content, int start, int stop) : DecoderStage
{
    private int toStrip;
    private string held = "";
    private bool heldStarts;

    public override void Push(string chunk, bool startsToken)
    {
        if (startsToken)
        {
            FlushToken();
            toStrip = start;
            heldStarts = true;
        }
        var skip = 0;
        while (skip < chunk.Length && toStrip > 0)
        {
            if (chunk[skip] != content)
            {
                toStrip = 0;
                break;
            }
            toStrip--;
            skip++;
        }
        held += chunk[skip..];
        // The last characters may yet be the end of the token.
        var certain = Math.Max(held.Length - stop, 0);
        if (certain == 0 && !(startsToken && stop == 0))
            return;
        Next.Push(held[..certain], heldStarts);
        held = held[certain..];
        heldStarts = false;
    }

    public override void End()
    {
        FlushToken();
        Next.End();
    }

    private void FlushToken()
    {
        var length = held.Length;
        for (var i = 0; i < stop && length > 0 && held[length - 1] == content; i++)
            length--;
        if (length > 0 || heldStarts)
            Next.Push(held[..length], heldStarts);
        held = "";
        heldStarts = false;
    }
}
