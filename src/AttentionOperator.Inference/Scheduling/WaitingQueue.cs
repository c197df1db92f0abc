using AttentionOperator.Inference.Engine;

namespace AttentionOperator.Inference.Scheduling;

/// <summary>Requests that wait, one queue per class. Adding, removing and finding the next are O(1) except behind preempted ones. Allocates nothing.</summary>
internal sealed class WaitingQueue(Precedence precedence)
{
    private const int Classes = 3;
    private readonly QueueEntry?[] first = new QueueEntry?[Classes];
    private readonly QueueEntry?[] last = new QueueEntry?[Classes];
    private readonly int[] counts = new int[Classes];
    private DateTimeOffset earliestDeadline = DateTimeOffset.MaxValue;

    public int Count { get; private set; }

    public long Tokens { get; private set; }

    public int CountOf(PriorityClass priority) => counts[(int)priority];

    public void Add(QueueEntry entry)
    {
        if (entry.Queued) throw new InvalidOperationException($"Request {entry.Id} is queued already.");
        var queue = (int)entry.Class;
        // New ones are last by construction; preempted ones look for their place from the front.
        var after = last[queue];
        if (after is not null && Precedence.CompareInClass(entry, after) < 0)
        {
            var next = first[queue];
            while (next is not null && Precedence.CompareInClass(next, entry) < 0) next = next.After;
            after = next?.Before;
        }

        Link(entry, after, queue);
        entry.Queued = true;
        entry.QueuedTokens = entry.WaitingTokens;
        Count++;
        counts[queue]++;
        Tokens += entry.QueuedTokens;
        if (entry.Deadline < earliestDeadline) earliestDeadline = entry.Deadline.Value;
    }

    public void Remove(QueueEntry entry)
    {
        if (!entry.Queued) throw new InvalidOperationException($"Request {entry.Id} is not queued.");
        var queue = (int)entry.Class;
        if (entry.Before is null) first[queue] = entry.After;
        else entry.Before.After = entry.After;
        if (entry.After is null) last[queue] = entry.Before;
        else entry.After.Before = entry.Before;
        entry.Before = entry.After = null;
        entry.Queued = false;
        Count--;
        counts[queue]--;
        Tokens -= entry.QueuedTokens;
    }

    /// <summary>The next of all classes up to <paramref name="lowest"/>; null where none waits.</summary>
    public QueueEntry? Peek(DateTimeOffset now, PriorityClass lowest = PriorityClass.Batch)
    {
        QueueEntry? best = null;
        for (var queue = 0; queue <= (int)lowest; queue++)
        {
            var head = first[queue];
            if (head is not null && (best is null || precedence.Compare(head, best, now) < 0)) best = head;
        }

        return best;
    }

    /// <summary>The one behind <paramref name="entry"/> in its class.</summary>
    public static QueueEntry? After(QueueEntry entry) => entry.After;

    /// <summary>Removes what has waited past its deadline.</summary>
    public void TakeExpired(DateTimeOffset now, List<QueueEntry> expired)
    {
        if (now < earliestDeadline) return;
        earliestDeadline = DateTimeOffset.MaxValue;
        for (var queue = 0; queue < Classes; queue++)
        {
            for (var entry = first[queue]; entry is not null;)
            {
                var next = entry.After;
                if (entry.Deadline <= now)
                {
                    Remove(entry);
                    expired.Add(entry);
                }
                else if (entry.Deadline < earliestDeadline)
                {
                    earliestDeadline = entry.Deadline.Value;
                }

                entry = next;
            }
        }
    }

    private void Link(QueueEntry entry, QueueEntry? after, int queue)
    {
        entry.Before = after;
        entry.After = after is null ? first[queue] : after.After;
        if (entry.After is null) last[queue] = entry;
        else entry.After.Before = entry;
        if (after is null) first[queue] = entry;
        else after.After = entry;
    }
}
