namespace AttentionOperator.Inference.Engine;

/// <summary>Natural logarithms of the model's own distribution (before penalties, temperature and masks).</summary>
/// <param name="TokenId">The token that was taken.</param>
/// <param name="LogProb">Its log-probability.</param>
/// <param name="Top">The most likely tokens, best first; as many as were asked for.</param>
public sealed record TokenLogProb(int TokenId, float LogProb, IReadOnlyList<(int TokenId, float LogProb)> Top);
