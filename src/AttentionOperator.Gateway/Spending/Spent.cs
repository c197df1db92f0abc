namespace AttentionOperator.Gateway.Spending;

/// <summary>Tokens, and what they cost.</summary>
internal readonly record struct Spent(long Tokens, decimal Cost)
{
    public bool IsZero => Tokens == 0 && Cost == 0;

    public static Spent operator +(Spent a, Spent b) => new(a.Tokens + b.Tokens, a.Cost + b.Cost);

    public static Spent operator -(Spent a, Spent b) => new(a.Tokens - b.Tokens, a.Cost - b.Cost);
}
