namespace AttentionOperator.Inference.Weights;

/// <summary>Element types of weights that can be computed with.</summary>
public enum ElementType
{
    Float32,
    Float16,
    BFloat16,
}

public static class ElementTypes
{
    public static int Size(this ElementType type) => type == ElementType.Float32 ? 4 : 2;
}
