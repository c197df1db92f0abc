using System.Runtime.InteropServices;
using System.Text;
using AttentionOperator.Tokenization.AddedTokens;
using AttentionOperator.Tokenization.Decoders;
using AttentionOperator.Tokenization.Models;
using AttentionOperator.Tokenization.Normalizers;
using AttentionOperator.Tokenization.PostProcessors;
using AttentionOperator.Tokenization.PreTokenizers;
using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization;

/// <summary>The pipeline of a tokenizer.json: added tokens, normalizer, pre-tokenizer, model, post-processor, and the decoder back.</summary>
internal sealed class Tokenizer : ITokenizer
{
    private readonly TokenizerParts parts;
    private readonly TokenBounds bounds;

    public Tokenizer(TokenizerParts parts)
    {
        this.parts = parts;
        bounds = TokenBounds.Create(
            parts.Normalizer, parts.PreTokenizer, parts.Model, parts.Added,
            Math.Max(parts.PostProcessor.AddedTokens(isPair: false), parts.PostProcessor.AddedTokens(isPair: true)));
        VocabularySize = parts.Model.Vocabulary.Count
            + parts.Added.Tokens.Count(t => !parts.Model.Vocabulary.TryGetId(t.Content, out _));
    }

    public int VocabularySize { get; }

    public string Fingerprint => parts.Fingerprint;

    public IReadOnlyDictionary<string, int> SpecialTokens => parts.SpecialTokens;

    public TokenizedText Encode(string text, bool addSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Assemble(parts.PostProcessor.Process(Tokens(text, 0), null, addSpecialTokens));
    }

    public TokenizedText EncodePair(string first, string second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        // The reference takes an empty second text for none.
        return second.Length == 0
            ? Encode(first)
            : Assemble(parts.PostProcessor.Process(Tokens(first, 0), Tokens(second, 1), addSpecialTokens: true));
    }

    public int Count(string text, bool addSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new EncodingRun(parts, 0, null).Run(text) + (addSpecialTokens ? parts.PostProcessor.AddedTokens(isPair: false) : 0);
    }

    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false)
    {
        var decoder = new StreamDecoder(this, parts, skipSpecialTokens);
        var text = new StringBuilder();
        foreach (var id in ids)
            text.Append(decoder.Push(id));
        return text.Append(decoder.Flush()).ToString();
    }

    public IStreamDecoder CreateStreamDecoder(bool skipSpecialTokens = true) => new StreamDecoder(this, parts, skipSpecialTokens);

    public string? TokenOf(int id) => parts.Added.Find(id)?.Content ?? parts.Model.Vocabulary.TokenOf(id);

    public byte[] BytesOf(int id)
    {
        if (TokenOf(id) is not { } token)
            return [];
        if (parts.Decoder.IsByteLevel)
            return ByteLevelStage.BytesOf(token);
        if (parts.Decoder.HasByteFallback && ByteFallbackStage.ByteOf(token) is { } value)
            return [value];
        // Decoded behind a neutral token, because the first token of a text loses its leading space.
        const string neutral = "a";
        var first = parts.Decoder.Start(cleansUp: false, out var text);
        first.Push(neutral, startsToken: true);
        first.Push(token, startsToken: true);
        first.End();
        var decoded = text.Take();
        return Encoding.UTF8.GetBytes(decoded.StartsWith(neutral, StringComparison.Ordinal) ? decoded[neutral.Length..] : decoded);
    }

    public int? IdOf(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return parts.Added.Find(token)?.Id ?? (parts.Model.Vocabulary.TryGetId(token, out var id) ? id : null);
    }

    public bool IsSpecial(int id) => TokenOf(id) is { } token && parts.Added.IsSpecial(token);

    public long MinTokens(long utf8Bytes) => bounds.Minimum(utf8Bytes);

    public long MaxTokens(long utf8Bytes) => bounds.Maximum(utf8Bytes);

    private List<EncodedToken> Tokens(string text, int sequence)
    {
        var tokens = new List<EncodedToken>((text.Length / 3) + 8);
        new EncodingRun(parts, sequence, tokens).Run(text);
        return tokens;
    }

    private static TokenizedText Assemble(List<EncodedToken> tokens)
    {
        var ids = new int[tokens.Count];
        var types = new int[tokens.Count];
        var offsets = new (int, int)[tokens.Count];
        var sequences = new int[tokens.Count];
        var span = CollectionsMarshal.AsSpan(tokens);
        for (var i = 0; i < span.Length; i++)
        {
            ids[i] = span[i].Id;
            types[i] = span[i].TypeId;
            offsets[i] = (span[i].Start, span[i].End);
            sequences[i] = span[i].Sequence;
        }
        return new TokenizedText(ids, types, offsets) { Sequences = sequences };
    }
}
