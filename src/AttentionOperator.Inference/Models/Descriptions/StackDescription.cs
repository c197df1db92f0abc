namespace AttentionOperator.Inference.Models.Descriptions;

/// <summary>Embedding, layers, final norm.</summary>
public sealed record StackDescription
{
    public required EmbeddingDescription Embedding { get; init; }

    public required IReadOnlyList<LayerDescription> Layers { get; init; }

    public NormDescription? FinalNorm { get; init; }
}
