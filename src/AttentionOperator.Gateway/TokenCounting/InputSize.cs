namespace AttentionOperator.Gateway.TokenCounting;

/// <summary>How many tokens a request's input has.</summary>
/// <param name="Total">All inputs together: exact, or an upper bound.</param>
/// <param name="IsExact">Counted by the model's own tokenizer.</param>
internal readonly record struct InputSize(long Total, bool IsExact);
