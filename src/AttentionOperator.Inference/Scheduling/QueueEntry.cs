using AttentionOperator.Inference.Engine;

namespace AttentionOperator.Inference.Scheduling;

/// <summary>What a <see cref="WaitingQueue"/> has to know of a request. The links belong to the queue.</summary>
internal abstract class QueueEntry
{
    private volatile bool retired;
    private int settled;

    public required string Id { get; init; }

    public required PriorityClass Class { get; init; }

    public required DateTimeOffset ArrivedAt { get; init; }

    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Order of arrival; unique.</summary>
    public long Ticket { get; set; }

    /// <summary>How often its blocks were taken away.</summary>
    public int Preemptions { get; set; }

    /// <summary>Tokens that have to be computed before it can answer.</summary>
    public abstract int WaitingTokens { get; }

    /// <summary>Tokens that its place in the queue was taken for.</summary>
    public required int AdmissionCost { get; init; }

    /// <summary>Out of every queue and cache; readable from any thread.</summary>
    public bool Retired
    {
        get => retired;
        set => retired = value;
    }

    /// <summary>True for the one caller that has to give its place in the queue back.</summary>
    public bool SettleAdmission() => Interlocked.Exchange(ref settled, 1) == 0;

    /// <summary>Tokens that were counted when it was queued.</summary>
    internal int QueuedTokens { get; set; }

    internal bool Queued { get; set; }

    internal QueueEntry? Before { get; set; }

    internal QueueEntry? After { get; set; }
}
