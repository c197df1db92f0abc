using AttentionOperator.Api.Runtime;
using AttentionOperator.Api.Values;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Runtime.Startup;

/// <summary>How many blocks the key-value cache gets, and the numbers that it follows from.</summary>
/// <param name="BlockSize">Tokens per block.</param>
/// <param name="BlockCount">Blocks.</param>
/// <param name="BytesPerToken">Keys and values of one token over all layers.</param>
/// <param name="Bytes">Bytes of the cache.</param>
internal sealed record CachePlan(int BlockSize, int BlockCount, long BytesPerToken, long Bytes)
{
    private const int DefaultBlockSize = 16;

    /// <summary>Share of the memory beside weights and activations that the cache may take; the rest is the process's own.</summary>
    private const double CacheShare = 0.8;

    /// <summary>Plans, or fails with <see cref="StartFailureReason.OutOfMemoryPlan"/> and all numbers.</summary>
    /// <param name="model">The decoder.</param>
    /// <param name="configuration">Bounds of the spec.</param>
    /// <param name="elementBytes">Size of a cached element.</param>
    /// <param name="weightBytes">Weights that are resident.</param>
    /// <param name="memoryBytes">Memory that the container may use.</param>
    public static CachePlan Make(ModelDescription model, RuntimeConfiguration configuration, int elementBytes, long weightBytes, long memoryBytes)
    {
        var stack = model.Decoder!;
        var perToken = stack.Layers.Sum(l => 2L * l.Attention.KeyValueSize) * elementBytes;
        var blockBytes = perToken * DefaultBlockSize;
        var activations = ActivationBytes(model, configuration);
        var longest = Math.Min(model.MaxPositions, (long)(configuration.Limits.MaxInputTokens ?? model.MaxPositions) + (configuration.Limits.MaxOutputTokens ?? model.MaxPositions));
        var least = Blocks(longest);
        // More than all sequences at full length is never used.
        var most = least * configuration.Batching.MaxSequences;
        long budget;
        string source;
        if (configuration.Batching.CacheMemory is { } quantity)
        {
            budget = Quantities.ParseBytes(quantity);
            source = $"batching.cacheMemory is {quantity}";
            if (budget + weightBytes + activations > memoryBytes)
            {
                throw Fails($"weights {Mib(weightBytes)} + activations {Mib(activations)} + {source} exceed the memory of {Mib(memoryBytes)}");
            }
        }
        else
        {
            budget = (long)((memoryBytes - weightBytes - activations) * CacheShare);
            source = $"memory {Mib(memoryBytes)} - weights {Mib(weightBytes)} - activations {Mib(activations)} leaves {Mib(Math.Max(0, budget))} for the cache";
        }

        if (budget < least * blockBytes)
        {
            throw Fails($"{source}; one sequence of {longest} tokens needs {Mib(least * blockBytes)} ({perToken} bytes per token)");
        }

        var count = (int)Math.Min(Math.Min(most, budget / blockBytes), int.MaxValue / DefaultBlockSize);
        return new CachePlan(DefaultBlockSize, count, perToken, count * blockBytes);
    }

    /// <summary>
    /// Upper estimate of what one step holds besides weights and cache, float32: residual, norms and projections (8 hidden sizes per token),
    /// the feed-forward's gate and up (3 of its sizes), the logits of a row per sequence, and the scores of one chunk against a whole context.
    /// </summary>
    private static long ActivationBytes(ModelDescription model, RuntimeConfiguration configuration)
    {
        const int bytes = sizeof(float);
        long tokens = configuration.Limits.MaxBatchTokens;
        long rows = Math.Min(configuration.Batching.MaxSequences, tokens);
        var widest = model.Decoder!.Layers.Max(l => (long)l.FeedForward.Up.OutputSize);
        var heads = model.Decoder.Layers.Max(l => l.Attention.Heads);
        return bytes * ((tokens * ((8L * model.HiddenSize) + (3 * widest))) + (rows * model.VocabularySize) + (Math.Min(tokens, 512) * model.MaxPositions * heads));
    }

    private static long Blocks(long tokens) => (tokens + DefaultBlockSize - 1) / DefaultBlockSize;

    private static string Mib(long bytes) => FormattableString.Invariant($"{bytes / 1048576.0:0.0} MiB");

    private static StartFailureException Fails(string numbers) =>
        new(StartFailureReason.OutOfMemoryPlan, $"The memory does not suffice: {numbers}. Raise resources.memory, or lower limits.maxInputTokens, limits.maxOutputTokens or limits.maxBatchTokens.");
}
