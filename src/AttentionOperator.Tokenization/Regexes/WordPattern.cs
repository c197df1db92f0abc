using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.Regexes;

/// <summary>Runs of word characters and runs of other visible characters (<c>\w+|[^\w\s]+</c>).</summary>
internal sealed class WordPattern : ISplitPattern
{
    public void FindMatches(ReadOnlySpan<char> text, List<PatternMatch> matches)
    {
        for (var start = 0; start < text.Length;)
        {
            var kind = KindOf(Scalars.At(text, start, out var length));
            var end = start + length;
            while (end < text.Length && KindOf(Scalars.At(text, end, out length)) == kind)
                end += length;
            matches.Add(new PatternMatch(start, end, kind != 0));
            start = end;
        }
    }

    private static int KindOf(int scalar) => Scalars.IsWord(scalar) ? 1 : Scalars.IsWhiteSpace(scalar) ? 0 : 2;
}
