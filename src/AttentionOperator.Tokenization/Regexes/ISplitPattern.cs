namespace AttentionOperator.Tokenization.Regexes;

/// <summary>Cuts text into matches and what lies between them.</summary>
internal interface ISplitPattern
{
    /// <summary>Appends consecutive ranges that cover the text.</summary>
    void FindMatches(ReadOnlySpan<char> text, List<PatternMatch> matches);
}

internal readonly record struct PatternMatch(int Start, int End, bool IsMatch);
