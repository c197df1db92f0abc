using AttentionOperator.Tokenization.Decoders;

namespace AttentionOperator.Tokenization;

internal sealed class StreamDecoder : IStreamDecoder
{
    private readonly Tokenizer tokenizer;
    private readonly TokenizerParts parts;
    private readonly bool skipsSpecialTokens;
    private readonly DecoderStage first;
    private readonly TextStage text;
    private bool ended;

    public StreamDecoder(Tokenizer tokenizer, TokenizerParts parts, bool skipsSpecialTokens)
    {
        this.tokenizer = tokenizer;
        this.parts = parts;
        this.skipsSpecialTokens = skipsSpecialTokens;
        first = parts.Decoder.Start(parts.CleansUp, out text);
    }

    // Ids without an entry (a model's output layer may be wider than the vocabulary) add nothing.
    public string Push(int id)
    {
        ObjectDisposedException.ThrowIf(ended, this);
        if (tokenizer.TokenOf(id) is not { } token || (skipsSpecialTokens && parts.Added.IsSpecial(token)))
            return "";
        first.Push(token, startsToken: true);
        return text.Take();
    }

    public string Flush()
    {
        if (ended)
            return "";
        ended = true;
        first.End();
        return text.Take();
    }
}
