namespace AttentionOperator.Inference.Engine;

/// <summary>
/// Places that were taken for all sequences of one caller's request together, so that it is refused as a whole and before any work, or not at all.
/// Sequences beyond them (of a long batch, of a later phase) belong to a request that is inside already, and are not refused. Thread-safe.
/// </summary>
public sealed class AdmissionTicket : IDisposable
{
    private readonly Lock gate = new();
    private readonly AdmissionControl? admission;
    private readonly PriorityClass priority;
    private int requests;
    private long tokens;

    internal AdmissionTicket(AdmissionControl? admission, int requests, long tokens, PriorityClass priority) =>
        (this.admission, this.requests, this.tokens, this.priority) = (admission, requests, tokens, priority);

    /// <summary>Of an engine that bounds nothing.</summary>
    public static AdmissionTicket Unbounded() => new(null, 0, 0, PriorityClass.Standard);

    /// <summary>Gives back what was not used.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (requests > 0 || tokens > 0) admission?.Drop(requests, tokens, priority);
            (requests, tokens) = (0, 0);
        }
    }

    /// <summary>Hands a sequence its place.</summary>
    internal void Use(int cost)
    {
        lock (gate)
        {
            var held = Math.Min(tokens, cost);
            var (moreRequests, moreTokens) = (requests > 0 ? 0 : 1, cost - held);
            requests = Math.Max(0, requests - 1);
            tokens -= held;
            if (moreRequests > 0 || moreTokens > 0) admission?.Add(moreRequests, moreTokens, priority);
        }
    }
}
