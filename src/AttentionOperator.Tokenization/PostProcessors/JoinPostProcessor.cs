namespace AttentionOperator.Tokenization.PostProcessors;

/// <summary>What happens without a post-processor: the second text follows the first with type id 1.</summary>
internal sealed class JoinPostProcessor : IPostProcessor
{
    public static readonly JoinPostProcessor Instance = new();

    public int AddedTokens(bool isPair) => 0;

    public List<EncodedToken> Process(List<EncodedToken> first, List<EncodedToken>? second, bool addSpecialTokens)
    {
        if (second is null)
            return first;
        foreach (var token in second)
            first.Add(token with { TypeId = 1 });
        return first;
    }
}
