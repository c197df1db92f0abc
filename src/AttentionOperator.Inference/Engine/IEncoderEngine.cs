namespace AttentionOperator.Inference.Engine;

/// <summary>Token-budget packing of encoder requests: no timer, no padding.</summary>
public interface IEncoderEngine : IAsyncDisposable
{
    /// <summary>Queues the sequence and returns its vector. Refusal throws <see cref="RequestRefusedException"/>, a later failure <see cref="GenerationFailedException"/>.</summary>
    ValueTask<float[]> RunAsync(EncoderRequest request, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes places in the queue for sequences that belong together, before any work is done for them: all or none. Refusal throws
    /// <see cref="RequestRefusedException"/>. Pass the ticket in each request, and dispose it with the last.
    /// </summary>
    /// <param name="requests">Sequences.</param>
    /// <param name="tokens">Their input tokens.</param>
    /// <param name="priority">Their class.</param>
    /// <param name="returnKey">By which a refused caller is known when it comes back as it was told; 0 = it is not.</param>
    AdmissionTicket Admit(int requests, long tokens, PriorityClass priority, UInt128 returnKey) => AdmissionTicket.Unbounded();

    EngineStatistics Statistics { get; }

    EngineState State { get; }

    /// <summary>Refuses new sequences and finishes the accepted ones; what is left after <paramref name="grace"/> fails as retryable.</summary>
    Task<DrainReport> DrainAsync(TimeSpan grace, CancellationToken cancellationToken = default);
}
