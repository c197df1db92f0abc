namespace AttentionOperator.Tokenization.PostProcessors;

/// <summary>Texts and special tokens in a fixed order: TemplateProcessing, BertProcessing and RobertaProcessing.</summary>
internal sealed class TemplatePostProcessor(IReadOnlyList<TemplatePiece> single, IReadOnlyList<TemplatePiece> pair) : IPostProcessor
{
    public int AddedTokens(bool isPair) => (isPair ? pair : single).Where(p => p.Sequence < 0).Sum(p => p.Ids.Length);

    public List<EncodedToken> Process(List<EncodedToken> first, List<EncodedToken>? second, bool addSpecialTokens)
    {
        var result = new List<EncodedToken>(first.Count + (second?.Count ?? 0) + 8);
        foreach (var piece in second is null ? single : pair)
        {
            if (piece.Sequence < 0)
            {
                if (!addSpecialTokens)
                    continue;
                foreach (var id in piece.Ids)
                    result.Add(new EncodedToken(id, 0, 0, null, piece.TypeId, -1));
                continue;
            }
            foreach (var token in piece.Sequence == 0 ? first : second ?? [])
                result.Add(token with { TypeId = piece.TypeId });
        }
        return result;
    }
}
