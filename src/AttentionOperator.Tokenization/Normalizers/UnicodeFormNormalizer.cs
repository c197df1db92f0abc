using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.Normalizers;

/// <summary>NFC, NFD, NFKC and NFKD.</summary>
internal sealed class UnicodeFormNormalizer(bool compose, bool compatibility) : INormalizer
{
    // NFC changes the length in UTF-8 by at most a factor of three either way (UAX 15; checked over all scalars by a test).
    public LengthBound? Bound(Func<string, int> cost) => compose && !compatibility ? new LengthBound(3, 3, 0) : null;

    public AlignedText Normalize(AlignedText text) => UnicodeNormalizer.Apply(text, compose, compatibility);
}
