namespace AttentionOperator.Inference.Engine;

/// <summary>Bounds of a <see cref="GenerationEngine"/>. Together with the executor's shape they are its memory plan: nothing is allocated past them.</summary>
public sealed record GenerationEngineOptions
{
    /// <summary>Most tokens that one step computes; what the activation peak was planned for.</summary>
    public int MaxBatchTokens { get; init; } = 2048;

    /// <summary>Most sequences that run at a time; at most <see cref="MaxBatchTokens"/>.</summary>
    public int MaxSequences { get; init; } = 64;

    /// <summary>Most tokens of one prompt per step, so that a long prompt leaves room for others.</summary>
    public int MaxChunkTokens { get; init; } = 512;

    /// <summary>Rows of logits per step beyond <see cref="MaxSequences"/>, for log-probabilities of prompts.</summary>
    public int PromptLogProbRows { get; init; } = 16;

    /// <summary>Most requests that wait for their first step.</summary>
    public int MaxQueuedRequests { get; init; } = 512;

    /// <summary>Most tokens that wait for their first step; time to first token under load is about this over the prefill rate.</summary>
    public int MaxQueuedTokens { get; init; } = 131_072;

    /// <summary>Share (0…1) of running places and of the queue that only interactive requests get.</summary>
    public double InteractiveReserve { get; init; } = 0.1;

    /// <summary>Waiting this long counts like one class higher.</summary>
    public TimeSpan AgingInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A request that was preempted this often is not displaced for more urgent ones any more.</summary>
    public int MaxPreemptions { get; init; } = 3;

    /// <summary>Share computed prefixes between requests of one namespace.</summary>
    public bool PrefixReuse { get; init; } = true;

    /// <summary>So many failed steps in a row fault the engine.</summary>
    public int MaxConsecutiveFailures { get; init; } = 3;

    /// <summary>Seeds of requests that bring none are drawn from this; null = from the system.</summary>
    public int? Seed { get; init; }

    /// <summary>Told of every failed step (for logs and metrics), on the engine's thread.</summary>
    public Action<Exception>? StepFailed { get; init; }

    /// <summary>Told of every computed step (for metrics), on the engine's thread.</summary>
    public Action<StepReport>? StepDone { get; init; }

    /// <summary>Told of every step before it is computed, on the engine's thread: what was in it when the process did not live to tell.</summary>
    public Action<StepOutline>? StepBegins { get; init; }

    /// <summary>Share (0…1) of requests whose attention entropy is measured, one row each; nothing where the executor cannot.</summary>
    public double EntropySampleRatio { get; init; }

    /// <summary>Told of every measured request, on the engine's thread.</summary>
    public Action<EntropySample>? EntropyMeasured { get; init; }

    internal void Validate()
    {
        Require(MaxBatchTokens >= 1, nameof(MaxBatchTokens), MaxBatchTokens, "at least 1");
        Require(MaxSequences >= 1 && MaxSequences <= MaxBatchTokens, nameof(MaxSequences), MaxSequences, $"1 to maxBatchTokens ({MaxBatchTokens}), else some could not decode in every step");
        Require(MaxChunkTokens >= 1, nameof(MaxChunkTokens), MaxChunkTokens, "at least 1");
        Require(PromptLogProbRows >= 1, nameof(PromptLogProbRows), PromptLogProbRows, "at least 1");
        Require(MaxQueuedRequests >= 1, nameof(MaxQueuedRequests), MaxQueuedRequests, "at least 1");
        Require(MaxQueuedTokens >= 1, nameof(MaxQueuedTokens), MaxQueuedTokens, "at least 1");
        Require(InteractiveReserve is >= 0 and < 1, nameof(InteractiveReserve), InteractiveReserve, "0 to less than 1");
        Require(AgingInterval > TimeSpan.Zero, nameof(AgingInterval), AgingInterval, "a positive time");
        Require(EntropySampleRatio is >= 0 and <= 1, nameof(EntropySampleRatio), EntropySampleRatio, "0 to 1");
        Require(MaxConsecutiveFailures >= 1, nameof(MaxConsecutiveFailures), MaxConsecutiveFailures, "at least 1");
    }

    private static void Require(bool holds, string name, object value, string expected)
    {
        if (!holds) throw new ArgumentOutOfRangeException(name, value, $"Expected {expected}.");
    }
}
