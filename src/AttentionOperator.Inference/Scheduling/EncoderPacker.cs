using AttentionOperator.Inference.Engine;
using AttentionOperator.Inference.Execution;

namespace AttentionOperator.Inference.Scheduling;

/// <summary>
/// Packs waiting sequences into batches by their true number of tokens, so there is no padding to waste. Strictly in order: who lets
/// shorter ones past starves the long ones. A batch holds one kind of output. Not thread-safe.
/// </summary>
internal sealed class EncoderPacker(Precedence precedence, int maxTokens, int maxRequests)
{
    private readonly WaitingQueue[] queues = [new(precedence), new(precedence)];

    public int MaxTokens => maxTokens;

    public int Count => queues[0].Count + queues[1].Count;

    public long Tokens => queues[0].Tokens + queues[1].Tokens;

    public int CountOf(PriorityClass priority) => queues[0].CountOf(priority) + queues[1].CountOf(priority);

    public void Add(EncoderWork work) => queues[(int)work.Output].Add(work);

    public void Remove(EncoderWork work) => queues[(int)work.Output].Remove(work);

    public void TakeExpired(DateTimeOffset now, List<QueueEntry> expired)
    {
        foreach (var queue in queues) queue.TakeExpired(now, expired);
    }

    /// <summary>Whether a batch would be full, so that waiting for more has no use.</summary>
    public bool HasFullBatch()
    {
        foreach (var queue in queues)
            if (queue.Tokens >= maxTokens || queue.Count >= maxRequests) return true;
        return false;
    }

    /// <summary>The one that goes first; null where none waits.</summary>
    public EncoderWork? Peek(DateTimeOffset now) => NextQueue(now)?.Peek(now) as EncoderWork;

    /// <summary>Moves the next batch out of the queue.</summary>
    /// <returns>Its tokens.</returns>
    public int Pack(DateTimeOffset now, List<EncoderWork> batch)
    {
        batch.Clear();
        var tokens = 0;
        if (NextQueue(now) is not { } queue) return 0;
        while (batch.Count < maxRequests && queue.Peek(now) is EncoderWork next && tokens + next.TokenIds.Length <= maxTokens)
        {
            queue.Remove(next);
            batch.Add(next);
            tokens += next.TokenIds.Length;
        }

        return tokens;
    }

    private WaitingQueue? NextQueue(DateTimeOffset now)
    {
        var (first, second) = (queues[0].Peek(now), queues[1].Peek(now));
        if (first is null) return second is null ? null : queues[1];
        return second is null || precedence.Compare(first, second, now) < 0 ? queues[0] : queues[1];
    }
}
