namespace AttentionOperator.Inference.Engine;

/// <summary>Token-budget packing of encoder requests: no timer, no padding.</summary>
public interface IEncoderEngine : IAsyncDisposable
{
    /// <summary>Queues the sequence and returns its vector. Refusal throws <see cref="RequestRefusedException"/>, a later failure <see cref="GenerationFailedException"/>.</summary>
    ValueTask<float[]> RunAsync(EncoderRequest request, CancellationToken cancellationToken = default);

    EngineStatistics Statistics { get; }

    EngineState State { get; }

    /// <summary>Refuses new sequences and finishes the accepted ones; what is left after <paramref name="grace"/> fails as retryable.</summary>
    Task<DrainReport> DrainAsync(TimeSpan grace, CancellationToken cancellationToken = default);
}
