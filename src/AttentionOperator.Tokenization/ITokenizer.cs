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
}

/// <summary>Incremental decoding that never splits a character.</summary>
public interface IStreamDecoder
{
    /// <summary>Text that became certain with this id; may be empty.</summary>
    string Push(int id);

    /// <summary>What is left at the end of the stream (incomplete bytes as U+FFFD).</summary>
    string Flush();
}

/// <summary>Result of encoding.</summary>
/// <param name="Ids">Token ids.</param>
/// <param name="TypeIds">Segment ids (0 or 1), same length.</param>
/// <param name="Offsets">Start and end in UTF-16 code units of the original text (of the second text where the type id says so); (0,0) for special tokens that the template added.</param>
public sealed record TokenizedText(int[] Ids, int[] TypeIds, (int Start, int End)[] Offsets);
