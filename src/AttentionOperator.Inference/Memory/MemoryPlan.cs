namespace AttentionOperator.Inference.Memory;

/// <summary>
/// What a model needs in bytes, from its configuration alone. A pure function of the description: nothing is loaded.
/// The process's own share (runtime, code, buffers of libraries) is not in it: see <see cref="Reserve"/>.
/// </summary>
public sealed record MemoryPlan
{
    /// <summary>Share of the given memory that <see cref="LargestTokenBudget"/> leaves alone, for allocator slack and the process itself.</summary>
    public const double Reserve = 0.1;

    internal MemoryPlan(long weightBytes, long keyValueBytesPerToken, long crossBytesPerToken, IActivationModel activation)
    {
        (WeightBytes, KeyValueBytesPerToken, CrossBytesPerToken, Activation) = (weightBytes, keyValueBytesPerToken, crossBytesPerToken, activation);
    }

    /// <summary>Weights as the executor holds them: mapped, converted or quantized.</summary>
    public long WeightBytes { get; }

    /// <summary>Keys and values of one token in all layers; 0 for encoders.</summary>
    public long KeyValueBytesPerToken { get; }

    /// <summary>Cross-attention keys and values of one encoder token in all layers; 0 but for encoder-decoders.</summary>
    public long CrossBytesPerToken { get; }

    private IActivationModel Activation { get; }

    /// <summary>Peak of intermediate results of a step.</summary>
    /// <param name="tokens">Tokens of the step (the token budget).</param>
    /// <param name="context">Longest sequence that is attended to.</param>
    /// <param name="logitRows">Rows of logits asked for.</param>
    public long ActivationBytes(int tokens, int context, int logitRows) => Activation.Peak(tokens, context, logitRows);

    /// <summary>Everything at once, with a cache of <paramref name="cacheTokens"/> tokens.</summary>
    public long TotalBytes(int tokens, int context, int logitRows, long cacheTokens) =>
        checked(WeightBytes + cacheTokens * KeyValueBytesPerToken + ActivationBytes(tokens, context, logitRows));

    /// <summary>
    /// Largest token budget per step that fits <paramref name="memoryBytes"/> less the reserve beside the weights and a cache of
    /// <paramref name="cacheTokens"/> tokens; 0 where not even one token fits.
    /// </summary>
    public int LargestTokenBudget(long memoryBytes, int context, int logitRows, long cacheTokens, int limit = 1 << 20)
    {
        var available = (long)(memoryBytes * (1 - Reserve));
        int low = 0, high = limit;
        while (low < high)
        {
            var middle = low + (high - low + 1) / 2;
            if (TotalBytes(middle, context, logitRows, cacheTokens) <= available)
                low = middle;
            else
                high = middle - 1;
        }

        return low;
    }
}
