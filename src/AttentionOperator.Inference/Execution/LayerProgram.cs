using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Execution;

/// <summary>The order of operations in a layer; the one place that interprets <see cref="LayerDescription"/>.</summary>
public static class LayerProgram
{
    /// <summary>Runs all layers, without the final norm.</summary>
    public static T Run<T, TOperations>(TOperations operations, IReadOnlyList<LayerDescription> layers, T hidden)
        where TOperations : ILayerOperations<T>
    {
        for (var i = 0; i < layers.Count; i++)
            hidden = operations.EndLayer(i, Run(operations, layers[i], i, hidden));
        return hidden;
    }

    private static T Run<T, TOperations>(TOperations operations, LayerDescription layer, int index, T hidden)
        where TOperations : ILayerOperations<T>
    {
        var attended = operations.SelfAttention(layer.Attention, index, Before(operations, layer.AttentionNorms, hidden));
        if (layer.Parallel)
        {
            var fed = operations.FeedForward(layer.FeedForward, Before(operations, layer.FeedForwardNorms, hidden));
            return operations.Add(operations.Add(attended, fed), hidden);
        }

        hidden = After(operations, layer.AttentionNorms, hidden, attended);
        if (layer.CrossAttention is { } cross)
            hidden = After(operations, layer.CrossNorms!, hidden, operations.CrossAttention(cross, index, Before(operations, layer.CrossNorms!, hidden)));
        return After(operations, layer.FeedForwardNorms, hidden, operations.FeedForward(layer.FeedForward, Before(operations, layer.FeedForwardNorms, hidden)));
    }

    private static T Before<T, TOperations>(TOperations operations, NormPlacement norms, T hidden)
        where TOperations : ILayerOperations<T> =>
        norms.Input is { } norm ? operations.Norm(norm, hidden) : hidden;

    private static T After<T, TOperations>(TOperations operations, NormPlacement norms, T hidden, T result)
        where TOperations : ILayerOperations<T>
    {
        if (norms.Output is { } output)
            result = operations.NormInPlace(output, result);
        hidden = operations.Add(result, hidden);
        return norms.Residual is { } residual ? operations.NormInPlace(residual, hidden) : hidden;
    }
}
