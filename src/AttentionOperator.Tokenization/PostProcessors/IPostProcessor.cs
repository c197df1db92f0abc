namespace AttentionOperator.Tokenization.PostProcessors;

internal interface IPostProcessor
{
    /// <summary>Tokens that are added to one text, respectively to a pair.</summary>
    int AddedTokens(bool isPair);

    /// <summary>Processes one text, or two; the lists may be changed in place.</summary>
    List<EncodedToken> Process(List<EncodedToken> first, List<EncodedToken>? second, bool addSpecialTokens);
}
