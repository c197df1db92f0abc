using System.Text;
using AttentionOperator.Tokenization;

namespace AttentionOperator.Runtime.Tests.Fakes;

/// <summary>One id per UTF-8 byte, 256 begins and 257 ends a text.</summary>
internal sealed class ByteTokenizer : ITokenizer
{
    public const int Begin = 256;
    public const int End = 257;

    public int VocabularySize => 258;

    public string Fingerprint => "sha256:bytes";

    public IReadOnlyDictionary<string, int> SpecialTokens { get; } = new Dictionary<string, int> { ["bos_token"] = Begin, ["eos_token"] = End };

    /// <summary>Runs before each text is encoded: a test can hold the thread.</summary>
    public Action<string>? OnEncode { get; set; }

    public TokenizedText Encode(string text, bool addSpecialTokens = true)
    {
        OnEncode?.Invoke(text);
        var ids = new List<int>();
        var offsets = new List<(int, int)>();
        if (addSpecialTokens)
        {
            ids.Add(Begin);
            offsets.Add((0, 0));
        }

        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var bytes = Encoding.UTF8.GetBytes(rune.ToString());
            foreach (var b in bytes)
            {
                ids.Add(b);
                offsets.Add((at, at + rune.Utf16SequenceLength));
            }

            at += rune.Utf16SequenceLength;
        }

        return new TokenizedText([.. ids], new int[ids.Count], [.. offsets]);
    }

    public TokenizedText EncodePair(string first, string second)
    {
        var a = Encode(first);
        var b = Encode(second, addSpecialTokens: false);
        int[] ids = [.. a.Ids, End, .. b.Ids];
        int[] types = [.. new int[a.Ids.Length + 1], .. Enumerable.Repeat(1, b.Ids.Length)];
        return new TokenizedText(ids, types, [.. a.Offsets, (0, 0), .. b.Offsets]);
    }

    public int Count(string text, bool addSpecialTokens = true) => Encode(text, addSpecialTokens).Ids.Length;

    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false)
    {
        var text = new StringBuilder();
        var bytes = new List<byte>();
        foreach (var id in ids)
        {
            if (id < 256)
            {
                bytes.Add((byte)id);
                continue;
            }

            text.Append(Encoding.UTF8.GetString([.. bytes]));
            bytes.Clear();
            if (!skipSpecialTokens) text.Append(TokenOf(id));
        }

        return text.Append(Encoding.UTF8.GetString([.. bytes])).ToString();
    }

    public IStreamDecoder CreateStreamDecoder(bool skipSpecialTokens = true) => new StreamDecoder(skipSpecialTokens);

    public string? TokenOf(int id) => id switch
    {
        Begin => "<s>",
        End => "</s>",
        >= 0 and < 256 => ((char)id).ToString(),
        _ => null,
    };

    public byte[] BytesOf(int id) => id < 256 ? [(byte)id] : Encoding.UTF8.GetBytes(TokenOf(id)!);

    public int? IdOf(string token) => token switch
    {
        "<s>" => Begin,
        "</s>" => End,
        [var c] when c < 256 => c,
        _ => null,
    };

    public bool IsSpecial(int id) => id >= 256;

    // The longest entry is </s> with four bytes.
    public long MinTokens(long utf8Bytes) => (utf8Bytes + 3) / 4;

    private sealed class StreamDecoder(bool skipSpecialTokens) : IStreamDecoder
    {
        private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

        public string Push(int id)
        {
            if (id >= 256) return skipSpecialTokens ? "" : id == Begin ? "<s>" : "</s>";
            var chars = new char[4];
            var count = _decoder.GetChars([(byte)id], chars, flush: false);
            return new string(chars, 0, count);
        }

        public string Flush()
        {
            var chars = new char[4];
            return new string(chars, 0, _decoder.GetChars([], chars, flush: true));
        }
    }
}
