using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.Regexes;

/// <summary>Every scalar of a class is a match of its own.</summary>
internal sealed class ScalarPattern(Func<int, bool> isMatch) : ISplitPattern
{
    public void FindMatches(ReadOnlySpan<char> text, List<PatternMatch> matches)
    {
        var done = 0;
        for (var i = 0; i < text.Length;)
        {
            if (isMatch(Scalars.At(text, i, out var length)))
            {
                if (done < i)
                    matches.Add(new PatternMatch(done, i, false));
                matches.Add(new PatternMatch(i, i + length, true));
                done = i + length;
            }
            i += length;
        }
        if (done < text.Length)
            matches.Add(new PatternMatch(done, text.Length, false));
    }
}
