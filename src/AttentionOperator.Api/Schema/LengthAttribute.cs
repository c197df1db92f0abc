namespace AttentionOperator.Api.Schema;

/// <summary>Bounds of the length of a string, the number of items of a list, or the number of entries of a map.</summary>
/// <remarks>Lists and strings that CEL rules look into need a maximum, or the API server refuses the rules as too expensive.</remarks>
[AttributeUsage(AttributeTargets.Property)]
public sealed class LengthAttribute(int maximum, int minimum = 0) : Attribute
{
    public int Maximum { get; } = maximum;

    public int Minimum { get; } = minimum;
}
