namespace AttentionOperator.Inference.Engine;

/// <summary>
/// Attention entropy of one request, at the last token of its prompt: numbers only, no tokens and no positions. Normalised entropy is H / ln(visible
/// keys), averaged over the heads of a layer; it still falls with length, so compare samples of like length.
/// </summary>
/// <param name="VisibleTokens">Tokens that the row could see.</param>
/// <param name="NormalizedByLayer">0…1 per layer.</param>
public sealed record EntropySample(int VisibleTokens, IReadOnlyList<double> NormalizedByLayer);
