namespace AttentionOperator.Api.Schema;

/// <summary>Bounds of a number, both inclusive.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class BoundsAttribute(long minimum, long maximum = long.MaxValue) : Attribute
{
    public long Minimum { get; } = minimum;

    /// <summary><see cref="long.MaxValue"/> means none.</summary>
    public long Maximum { get; } = maximum;
}
