namespace AttentionOperator.Tokenization.PostProcessors;

/// <summary>
/// Steps in order. Each sees both texts; only one of them may lay out special tokens, so the layout comes from the last one that does and
/// the others change offsets.
/// </summary>
internal sealed class SequencePostProcessor(IReadOnlyList<IPostProcessor> steps) : IPostProcessor
{
    public int AddedTokens(bool isPair) => steps.Sum(s => s.AddedTokens(isPair));

    public List<EncodedToken> Process(List<EncodedToken> first, List<EncodedToken>? second, bool addSpecialTokens)
    {
        // Every step but the last works on each text alone, so that a pair stays a pair until it is laid out.
        for (var i = 0; i < steps.Count - 1; i++)
        {
            first = steps[i].Process(first, null, addSpecialTokens);
            second = second is null ? null : steps[i].Process(second, null, addSpecialTokens);
        }
        return steps.Count == 0 ? JoinPostProcessor.Instance.Process(first, second, addSpecialTokens) : steps[^1].Process(first, second, addSpecialTokens);
    }
}
