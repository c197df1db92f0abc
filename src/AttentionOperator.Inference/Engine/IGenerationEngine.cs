namespace AttentionOperator.Inference.Engine;

/// <summary>Continuous batching over one loaded model.</summary>
public interface IGenerationEngine : IAsyncDisposable
{
    /// <summary>
    /// Queues the request and yields what it generates. Refusal (queue full, too long, draining) throws
    /// <see cref="RequestRefusedException"/> before anything is queued; a failure afterwards throws
    /// <see cref="GenerationFailedException"/>. Cancelling takes effect before the next step.
    /// </summary>
    IAsyncEnumerable<GenerationEvent> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken = default);

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

    /// <summary>
    /// Refuses new requests from now on and lets the accepted ones finish until <paramref name="grace"/> is over. What then has no first
    /// token yet ends with a retryable <see cref="GenerationFailedException"/>, what has one ends with a failure that is not.
    /// </summary>
    Task<DrainReport> DrainAsync(TimeSpan grace, CancellationToken cancellationToken = default);
}
