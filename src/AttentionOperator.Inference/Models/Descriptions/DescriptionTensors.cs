namespace AttentionOperator.Inference.Models.Descriptions;

/// <summary>Walks a description.</summary>
public static class DescriptionTensors
{
    /// <summary>Every stored tensor that the model needs, each once.</summary>
    public static IReadOnlyList<TensorDescription> Of(ModelDescription model)
    {
        var tensors = new Dictionary<string, TensorDescription>(StringComparer.Ordinal);
        foreach (var tensor in Enumerate(model))
            tensors.TryAdd(tensor.Name, tensor);
        return [.. tensors.Values];
    }

    /// <summary>Every matrix multiplication of the model.</summary>
    public static IEnumerable<LinearDescription> LinearsOf(ModelDescription model)
    {
        foreach (var layer in new[] { model.Encoder, model.Decoder }.OfType<StackDescription>().SelectMany(s => s.Layers))
            foreach (var linear in LinearsOf(layer))
                yield return linear;
        if (model.Output is { } output)
            yield return output.Projection;
        foreach (var head in new[] { model.Pooler, model.Classifier, model.MaskedLm }.OfType<HeadDescription>())
            foreach (var linear in new[] { head.Dense, head.Final }.OfType<LinearDescription>())
                yield return linear;
    }

    public static IEnumerable<LinearDescription> LinearsOf(LayerDescription layer)
    {
        foreach (var attention in new[] { layer.Attention, layer.CrossAttention }.OfType<AttentionDescription>())
        {
            yield return attention.Query;
            yield return attention.Key;
            yield return attention.Value;
            yield return attention.Output;
        }

        if (layer.FeedForward.Gate is { } gate)
            yield return gate;
        yield return layer.FeedForward.Up;
        yield return layer.FeedForward.Down;
    }

    private static IEnumerable<TensorDescription> Enumerate(ModelDescription model)
    {
        foreach (var stack in new[] { model.Encoder, model.Decoder }.OfType<StackDescription>())
        {
            foreach (var tensor in new[] { stack.Embedding.Tokens, stack.Embedding.Positions, stack.Embedding.Types }.OfType<TensorDescription>())
                yield return tensor;
            foreach (var layer in stack.Layers)
                foreach (var attention in new[] { layer.Attention, layer.CrossAttention })
                    if (attention?.RelativeBias is { } bias)
                        yield return bias.Table;
        }

        foreach (var linear in LinearsOf(model))
        {
            yield return linear.Weight;
            if (linear.Bias is not null)
                yield return linear.Bias;
        }

        foreach (var norm in NormsOf(model))
        {
            yield return norm.Weight;
            if (norm.Bias is not null)
                yield return norm.Bias;
        }
    }

    private static IEnumerable<NormDescription> NormsOf(ModelDescription model)
    {
        foreach (var stack in new[] { model.Encoder, model.Decoder }.OfType<StackDescription>())
        {
            if (stack.Embedding.Norm is { } embedding)
                yield return embedding;
            foreach (var layer in stack.Layers)
            {
                foreach (var placement in new[] { layer.AttentionNorms, layer.CrossNorms, layer.FeedForwardNorms }.OfType<NormPlacement>())
                    foreach (var norm in placement.All)
                        yield return norm;
                foreach (var attention in new[] { layer.Attention, layer.CrossAttention }.OfType<AttentionDescription>())
                    foreach (var norm in new[] { attention.QueryNorm, attention.KeyNorm }.OfType<NormDescription>())
                        yield return norm;
            }

            if (stack.FinalNorm is { } final)
                yield return final;
        }

        foreach (var norm in new[] { model.Pooler?.Norm, model.Classifier?.Norm, model.MaskedLm?.Norm }.OfType<NormDescription>())
            yield return norm;
    }
}
