namespace AttentionOperator.Tokenization;

/// <summary>A tokenizer read from a published directory (tokenizer.json, tokenizer_config.json). Thread-safe.</summary>
public interface ITokenizer
{
    /// <summary>Number of entries, added tokens included.</summary>
    int VocabularySize { get; }

    /// <summary>sha256 (<c>sha256:…</c>) over everything that changes ids; equal fingerprints give equal ids.</summary>
    string Fingerprint { get; }

    /// <summary>Named special tokens (bos_token, eos_token, pad_token, unk_token, cls_token, sep_token, mask_token) → id.</summary>
    IReadOnlyDictionary<string, int> SpecialTokens { get; }

    /// <summary>Encodes one text. Special-token strings inside the text are recognised.</summary>
    TokenizedText Encode(string text, bool addSpecialTokens = true);

    /// <summary>Encodes a pair (rerankers, classifiers) with the tokenizer's pair template.</summary>
    TokenizedText EncodePair(string first, string second);

    /// <summary>Number of ids that <see cref="Encode"/> gives, without building offsets.</summary>
    int Count(string text, bool addSpecialTokens = true);

    /// <summary>Text of the ids. Incomplete UTF-8 shows as U+FFFD.</summary>
    string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false);

    /// <summary>A decoder for one stream: the concatenation of what it returns equals <see cref="Decode"/> of all ids.</summary>
    IStreamDecoder CreateStreamDecoder(bool skipSpecialTokens = true);

    /// <summary>The vocabulary's own string of an id; null where there is none.</summary>
    string? TokenOf(int id);

    /// <summary>Raw bytes that an id contributes to decoded text (byte-level and byte-fallback aware); used for logprobs and constrained decoding.</summary>
    byte[] BytesOf(int id);

    int? IdOf(string token);

    /// <summary>True for added tokens marked special.</summary>
    bool IsSpecial(int id);

    /// <summary>A text of so many UTF-8 bytes has at least this many tokens; 0 where the tokenizer allows no such bound.</summary>
    long MinTokens(long utf8Bytes) => 0;

    /// <summary>
    /// A text of so many UTF-8 bytes has at most this many tokens, special tokens of the template included; <see cref="long.MaxValue"/> where the tokenizer
    /// allows no such bound.
    /// </summary>
    long MaxTokens(long utf8Bytes) => long.MaxValue;
}
