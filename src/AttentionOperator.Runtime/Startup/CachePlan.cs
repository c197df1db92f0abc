using AttentionOperator.Api.Runtime;
using AttentionOperator.Api.Values;
using AttentionOperator.Inference.Memory;

namespace AttentionOperator.Runtime.Startup;

/// <summary>How many blocks the key-value cache gets, from the memory plan and the bounds of the spec.</summary>
/// <param name="BlockSize">Tokens per block.</param>
/// <param name="BlockCount">Blocks.</param>
/// <param name="Bytes">Bytes of the cache.</param>
internal sealed record CachePlan(int BlockSize, int BlockCount, long Bytes)
{
    private const int DefaultBlockSize = 16;

    /// <summary>Plans, or fails with <see cref="StartFailureReason.OutOfMemoryPlan"/> and all numbers.</summary>
    /// <param name="plan">What the model needs.</param>
    /// <param name="positions">Longest sequence of the model.</param>
    /// <param name="configuration">Bounds of the spec.</param>
    /// <param name="memoryBytes">Memory that the container may use.</param>
    public static CachePlan Make(MemoryPlan plan, int positions, RuntimeConfiguration configuration, long memoryBytes)
    {
        var blockBytes = plan.KeyValueBytesPerToken * DefaultBlockSize;
        var sequences = configuration.Batching.MaxSequences;
        var activations = Activations(plan, positions, configuration);
        // Encoder outputs are held as long as the sequences run.
        var cross = plan.CrossBytesPerToken * positions * sequences;
        var longest = Math.Min(positions, (long)(configuration.Limits.MaxInputTokens ?? positions) + (configuration.Limits.MaxOutputTokens ?? positions));
        var least = (longest + DefaultBlockSize - 1) / DefaultBlockSize;
        var left = (long)(memoryBytes * (1 - MemoryPlan.Reserve)) - plan.WeightBytes - activations - cross;
        var source = $"memory {Mib(memoryBytes)} less {MemoryPlan.Reserve:P0}, weights {Mib(plan.WeightBytes)}, activations {Mib(activations)}{(cross > 0 ? $" and encoder outputs {Mib(cross)}" : "")} leaves {Mib(left)} for the cache";
        var budget = left;
        if (configuration.Batching.CacheMemory is { } quantity)
        {
            budget = Quantities.ParseBytes(quantity);
            if (budget > left) throw Fails($"{source}, but batching.cacheMemory is {quantity}");
            source = $"batching.cacheMemory is {quantity}";
        }

        if (budget < least * blockBytes)
        {
            throw Fails($"{source}; one sequence of {longest} tokens needs {Mib(least * blockBytes)} ({plan.KeyValueBytesPerToken} bytes per token)");
        }

        // More than all sequences at full length is never used.
        var count = (int)Math.Min(Math.Min(least * sequences, budget / blockBytes), int.MaxValue / DefaultBlockSize);
        return new CachePlan(DefaultBlockSize, count, count * blockBytes);
    }

    /// <summary>The same check for a model without a cache. Returns the bytes of weights and activations.</summary>
    public static long CheckEncoder(MemoryPlan plan, int positions, RuntimeConfiguration configuration, long memoryBytes)
    {
        var needed = plan.WeightBytes + Activations(plan, positions, configuration);
        var given = (long)(memoryBytes * (1 - MemoryPlan.Reserve));
        return needed <= given ? needed : throw Fails($"weights and activations need {Mib(needed)}, memory {Mib(memoryBytes)} less {MemoryPlan.Reserve:P0} is {Mib(given)}");
    }

    private static long Activations(MemoryPlan plan, int positions, RuntimeConfiguration configuration)
    {
        var tokens = configuration.Limits.MaxBatchTokens;
        return plan.ActivationBytes(tokens, positions, Math.Min(configuration.Batching.MaxSequences, tokens));
    }

    private static string Mib(long bytes) => FormattableString.Invariant($"{bytes / 1048576.0:0.0} MiB");

    private static StartFailureException Fails(string numbers) =>
        new(StartFailureReason.OutOfMemoryPlan, $"The memory does not suffice: {numbers}. Raise resources.memory, or lower limits.maxInputTokens, limits.maxOutputTokens or limits.maxBatchTokens.");
}
