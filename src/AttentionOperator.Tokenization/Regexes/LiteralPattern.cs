namespace AttentionOperator.Tokenization.Regexes;

internal sealed class LiteralPattern(string literal) : ISplitPattern
{
    public void FindMatches(ReadOnlySpan<char> text, List<PatternMatch> matches)
    {
        var done = 0;
        while (literal.Length > 0 && text[done..].IndexOf(literal, StringComparison.Ordinal) is var found and >= 0)
        {
            if (found > 0)
                matches.Add(new PatternMatch(done, done + found, false));
            matches.Add(new PatternMatch(done + found, done + found + literal.Length, true));
            done += found + literal.Length;
        }
        if (done < text.Length)
            matches.Add(new PatternMatch(done, text.Length, false));
    }
}
