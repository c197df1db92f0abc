namespace AttentionOperator.Tokenization.Normalizers;

/// <summary>
/// A step turns text that costs n tokens at most into text that costs <paramref name="Growth"/>·n + <paramref name="Added"/> at most, and b UTF-8 bytes
/// into b/<paramref name="Shrinkage"/> at least (0: no bound).
/// </summary>
internal readonly record struct LengthBound(int Growth, int Shrinkage, int Added)
{
    public static readonly LengthBound Unchanged = new(1, 1, 0);

    public LengthBound Then(LengthBound next) => new(Growth * next.Growth, Shrinkage * next.Shrinkage, (Added * next.Growth) + next.Added);
}
