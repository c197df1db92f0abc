using System.Text;
using AttentionOperator.Tokenization;

namespace AttentionOperator.Inference.Tests.Fakes;

/// <summary>Ids 0…255 are bytes, then come longer pieces, then the special end token.</summary>
internal sealed class ByteTokenizer(params string[] pieces) : ITokenizer
{
    private readonly byte[][] bytes = [.. Enumerable.Range(0, 256).Select(b => new[] { (byte)b }), .. pieces.Select(Encoding.UTF8.GetBytes), []];

    public int EndId => bytes.Length - 1;

    public int VocabularySize => bytes.Length;

    public string Fingerprint => "sha256:bytes";

    public IReadOnlyDictionary<string, int> SpecialTokens => new Dictionary<string, int> { ["eos_token"] = EndId };

    public TokenizedText Encode(string text, bool addSpecialTokens = true)
    {
        int[] ids = [.. Encoding.UTF8.GetBytes(text).Select(b => (int)b)];
        return new TokenizedText(ids, new int[ids.Length], new (int, int)[ids.Length]);
    }

    public TokenizedText EncodePair(string first, string second) => Encode(first + second);

    public int Count(string text, bool addSpecialTokens = true) => Encoding.UTF8.GetByteCount(text);

    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false)
    {
        var all = new List<byte>();
        foreach (var id in ids) all.AddRange(bytes[id]);
        return Encoding.UTF8.GetString([.. all]);
    }

    public IStreamDecoder CreateStreamDecoder(bool skipSpecialTokens = true) => new StreamDecoder(this);

    public string? TokenOf(int id) => id == EndId ? "<end>" : Encoding.Latin1.GetString(bytes[id]);

    public byte[] BytesOf(int id) => bytes[id];

    public int? IdOf(string token) => null;

    public bool IsSpecial(int id) => id == EndId;

    private sealed class StreamDecoder(ByteTokenizer tokenizer) : IStreamDecoder
    {
        private readonly Decoder decoder = Encoding.UTF8.GetDecoder();
        private readonly char[] buffer = new char[256];

        public string Push(int id)
        {
            var count = decoder.GetChars(tokenizer.bytes[id], buffer, false);
            return count == 0 ? "" : new string(buffer, 0, count);
        }

        public string Flush() => new(buffer, 0, decoder.GetChars([], buffer, true));
    }
}
