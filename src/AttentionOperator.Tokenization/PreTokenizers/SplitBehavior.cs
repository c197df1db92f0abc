namespace AttentionOperator.Tokenization.PreTokenizers;

/// <summary>What happens to a match that text is cut at.</summary>
internal enum SplitBehavior
{
    Removed,
    Isolated,
    MergedWithPrevious,
    MergedWithNext,
    Contiguous,
}
