using System.Text;

namespace AttentionOperator.Tokenization.Decoders;

/// <summary>The end of the chain: collects text until it is taken.</summary>
internal sealed class TextStage : DecoderStage
{
    private readonly StringBuilder text = new();

    public override void Push(string chunk, bool startsToken) => text.Append(chunk);

    public override void End()
    {
    }

    public string Take()
    {
        var taken = text.ToString();
        text.Clear();
        return taken;
    }
}
