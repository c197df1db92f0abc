namespace AttentionOperator.Inference.Models.Descriptions;

/// <summary>A tensor as it is stored.</summary>
/// <param name="Name">Name in the safetensors file.</param>
/// <param name="Shape">Shape that it must have there.</param>
public sealed record TensorDescription(string Name, params IReadOnlyList<int> Shape)
{
    public long ElementCount => Shape.Aggregate(1L, (product, size) => product * size);
}
