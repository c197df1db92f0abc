using AttentionOperator.Inference.Engine;

namespace AttentionOperator.Inference.Scheduling;

/// <summary>
/// Who goes first: (effective class, more preemptions up to <see cref="CountedPreemptions"/>, arrival). Waiting raises the effective class by one
/// per aging interval, so nothing starves; preempted requests keep a place in front of their class, so they are not overtaken for ever.
/// </summary>
internal sealed class Precedence(TimeSpan agingInterval)
{
    /// <summary>Further preemptions do not move a request any further forward.</summary>
    public const int CountedPreemptions = 3;

    public int EffectiveClass(QueueEntry entry, DateTimeOffset now)
    {
        var waited = now - entry.ArrivedAt;
        if (waited <= TimeSpan.Zero) return (int)entry.Class;
        var raised = Math.Min(waited.Ticks / agingInterval.Ticks, (long)PriorityClass.Batch);
        return Math.Max(0, (int)entry.Class - (int)raised);
    }

    /// <summary>Negative where <paramref name="left"/> goes first. A total order at any instant.</summary>
    public int Compare(QueueEntry left, QueueEntry right, DateTimeOffset now)
    {
        var byClass = EffectiveClass(left, now).CompareTo(EffectiveClass(right, now));
        return byClass != 0 ? byClass : CompareInClass(left, right);
    }

    public static int CompareInClass(QueueEntry left, QueueEntry right)
    {
        var byPreemptions = Math.Min(right.Preemptions, CountedPreemptions).CompareTo(Math.Min(left.Preemptions, CountedPreemptions));
        return byPreemptions != 0 ? byPreemptions : left.Ticket.CompareTo(right.Ticket);
    }

    /// <summary>
    /// Positive where <paramref name="left"/> is the better victim: the lower class; in a class the one that was preempted less, then the younger.
    /// Aging plays no part, else a request that waited long could not be told from an urgent one.
    /// </summary>
    public static int CompareAsVictim(QueueEntry left, QueueEntry right)
    {
        var byClass = left.Class.CompareTo(right.Class);
        return byClass != 0 ? byClass : CompareInClass(left, right);
    }
}
