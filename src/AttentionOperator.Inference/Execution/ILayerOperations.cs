using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Execution;

/// <summary>
/// The operations that an executor supplies. <typeparamref name="T"/> is its activation, [tokens, size]; the tokens of a step, their
/// positions and the cache are the implementation's own state. <see cref="LayerProgram"/> calls them in the order that the description says.
/// </summary>
public interface ILayerOperations<T>
{
    T Norm(NormDescription norm, T input);

    /// <summary>The same where nobody reads the input afterwards: it may be overwritten.</summary>
    T NormInPlace(NormDescription norm, T input);

    /// <summary>Projections, head norms, rotary, cache write, attention over what each token sees, output projection.</summary>
    T SelfAttention(AttentionDescription attention, int layer, T input);

    /// <summary>Queries from the input, keys and values from the encoder's output.</summary>
    T CrossAttention(AttentionDescription attention, int layer, T input);

    T FeedForward(FeedForwardDescription feedForward, T input);

    /// <summary>May overwrite <paramref name="left"/>.</summary>
    T Add(T left, T right);

    /// <summary>Ends layer <paramref name="layer"/>: everything but its output may be released.</summary>
    T EndLayer(int layer, T output);
}
