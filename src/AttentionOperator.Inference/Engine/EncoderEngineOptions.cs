namespace AttentionOperator.Inference.Engine;

/// <summary>Bounds of an <see cref="EncoderEngine"/>.</summary>
public sealed record EncoderEngineOptions
{
    /// <summary>Most tokens of one batch; what the activation peak was planned for.</summary>
    public int MaxBatchTokens { get; init; } = 16_384;

    /// <summary>Most sequences of one batch.</summary>
    public int MaxBatchRequests { get; init; } = 256;

    /// <summary>
    /// How long an incomplete batch waits for more. 0, the default, is right almost always: while one batch is computed the next one fills by itself.
    /// </summary>
    public TimeSpan MaxDelay { get; init; }

    public int MaxQueuedRequests { get; init; } = 512;

    public int MaxQueuedTokens { get; init; } = 131_072;

    /// <summary>Share (0…1) of the queue that only interactive requests get.</summary>
    public double InteractiveReserve { get; init; } = 0.1;

    /// <summary>Waiting this long counts like one class higher.</summary>
    public TimeSpan AgingInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>So many failed batches in a row fault the engine.</summary>
    public int MaxConsecutiveFailures { get; init; } = 3;

    /// <summary>Told of every failed batch (for logs and metrics), on the engine's thread.</summary>
    public Action<Exception>? StepFailed { get; init; }

    /// <summary>Told of every computed batch (for metrics), on the engine's thread.</summary>
    public Action<StepReport>? StepDone { get; init; }

    /// <summary>Told of every batch before it is computed, on the engine's thread: what was in it when the process did not live to tell.</summary>
    public Action<StepOutline>? StepBegins { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBatchTokens, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBatchRequests, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxQueuedRequests, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxQueuedTokens, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(InteractiveReserve);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(InteractiveReserve, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(AgingInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConsecutiveFailures, 1);
    }
}
