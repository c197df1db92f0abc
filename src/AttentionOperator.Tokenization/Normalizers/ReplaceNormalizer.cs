using AttentionOperator.Tokenization.Regexes;
using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.Normalizers;

/// <summary>Replaces every match; the replacement takes the alignment of the match's last character.</summary>
internal sealed class ReplaceNormalizer(ISplitPattern pattern, string? literal, string content) : INormalizer
{
    public LengthBound? Bound(Func<string, int> cost) => literal is { Length: > 0 } && content.Length > 0
        ? new LengthBound(
            Math.Max(1, cost(content)),
            Math.Max(1, CeilingRatio(Scalars.Utf8Length(literal), Scalars.Utf8Length(content))), 0)
        : null;

    public AlignedText Normalize(AlignedText text)
    {
        var span = text.Span;
        if (literal is { Length: 1 } && !span.Contains(literal[0]))
            return text;
        var matches = new List<PatternMatch>();
        pattern.FindMatches(span, matches);
        AlignedTextBuilder? builder = null;
        var clean = 0;
        foreach (var match in matches)
        {
            if (!match.IsMatch)
                continue;
            builder ??= new AlignedTextBuilder(text, span.Length + content.Length);
            builder.Copy(clean, match.Start);
            builder.Append(content, Math.Max(match.End - 1, 0));
            clean = match.End;
        }
        if (builder is null)
            return text;
        builder.Copy(clean, span.Length);
        return builder.Build();
    }

    private static int CeilingRatio(int numerator, int denominator) => (numerator + denominator - 1) / denominator;
}
