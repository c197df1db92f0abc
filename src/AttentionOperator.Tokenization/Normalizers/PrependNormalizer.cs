using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.Normalizers;

/// <summary>Puts a string before every non-empty text; it shares the alignment of the first character.</summary>
internal sealed class PrependNormalizer(string prefix) : INormalizer
{
    public LengthBound? Bound(Func<string, int> cost) => new LengthBound(1, 1, cost(prefix));

    public AlignedText Normalize(AlignedText text)
    {
        if (text.Length == 0 || prefix.Length == 0)
            return text;
        var builder = new AlignedTextBuilder(text, text.Length + prefix.Length);
        builder.Append(prefix, 0);
        builder.Copy(0, text.Length);
        return builder.Build();
    }
}
