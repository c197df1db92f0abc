using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.Normalizers;

internal sealed class StripNormalizer(bool left, bool right) : INormalizer
{
    public AlignedText Normalize(AlignedText text)
    {
        var span = text.Span;
        var start = left ? span.Length - span.TrimStart().Length : 0;
        var end = right ? span.TrimEnd().Length : span.Length;
        return start >= end ? text.Slice(0, 0) : text.Slice(start, end - start);
    }
}
