using System.Globalization;
using System.Text;
using AttentionOperator.Tokenization;

namespace AttentionOperator.InferenceBench.Decoders;

/// <summary>The model has random weights and no text: ids stand for themselves.</summary>
internal sealed class IdTokenizer(int vocabulary) : ITokenizer
{
    public int VocabularySize => vocabulary;

    public string Fingerprint => "sha256:ids";

    public IReadOnlyDictionary<string, int> SpecialTokens { get; } = new Dictionary<string, int>();

    public TokenizedText Encode(string text, bool addSpecialTokens = true)
    {
        int[] ids = [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
        return new TokenizedText(ids, new int[ids.Length], new (int, int)[ids.Length]);
    }

    public TokenizedText EncodePair(string first, string second) => Encode(first + " " + second);

    public int Count(string text, bool addSpecialTokens = true) => Encode(text).Ids.Length;

    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false) => string.Join(' ', ids.ToArray());

    public IStreamDecoder CreateStreamDecoder(bool skipSpecialTokens = true) => new SilentDecoder();

    public string? TokenOf(int id) => id.ToString(CultureInfo.InvariantCulture);

    public byte[] BytesOf(int id) => Encoding.UTF8.GetBytes(TokenOf(id)!);

    public int? IdOf(string token) => int.Parse(token, CultureInfo.InvariantCulture);

    public bool IsSpecial(int id) => false;

    /// <summary>Text is not what is measured.</summary>
    private sealed class SilentDecoder : IStreamDecoder
    {
        public string Push(int id) => "";

        public string Flush() => "";
    }
}
