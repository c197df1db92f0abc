using AttentionOperator.Inference.Cache;
using AttentionOperator.Inference.Engine;

namespace AttentionOperator.Inference.Scheduling;

/// <summary>
/// Decides what a step computes. Deterministic: no clock, thread or executor; the same calls give the same plans. A step first serves what
/// runs, then starts what waits; memory that runs out is taken from the lowest class, youngest first, by forgetting and recomputing.
/// </summary>
internal sealed class Scheduler
{
    private readonly SchedulerLimits limits;
    private readonly Precedence precedence;
    private readonly KeyValueCache cache;
    private readonly CrossSlotPool? slots;
    private readonly List<Sequence> running;
    private readonly WaitingQueue waiting;
    private int lowerClassBudget = int.MaxValue;

    public Scheduler(SchedulerLimits limits, Precedence precedence, KeyValueCache cache, CrossSlotPool? slots = null)
    {
        this.limits = limits;
        this.precedence = precedence;
        this.cache = cache;
        this.slots = slots;
        running = new List<Sequence>(limits.MaxSequences);
        waiting = new WaitingQueue(precedence);
    }

    public IReadOnlyList<Sequence> Running => running;

    public WaitingQueue Waiting => waiting;

    public long Preemptions { get; private set; }

    public bool Idle => running.Count == 0 && waiting.Count == 0;

    public void Submit(Sequence sequence)
    {
        sequence.Status = SequenceStatus.Waiting;
        waiting.Add(sequence);
    }

    /// <summary>Ends a sequence in whatever state it is: out of the queues, blocks and slot given back.</summary>
    public void End(Sequence sequence)
    {
        if (sequence.Queued) waiting.Remove(sequence);
        if (sequence.Status == SequenceStatus.Running) running.Remove(sequence);
        GiveBack(sequence);
        sequence.Status = SequenceStatus.Ended;
    }

    /// <param name="now">The time.</param>
    /// <param name="plan">Filled.</param>
    /// <param name="lowerClassTokens">Most tokens of lower classes while interactive requests are there; at least 1.</param>
    public void Plan(DateTimeOffset now, StepPlan plan, int lowerClassTokens = int.MaxValue)
    {
        plan.Clear();
        Expire(now, plan);
        lowerClassBudget = HasInteractive() ? lowerClassTokens : int.MaxValue;
        SortRunning(now);
        PlanRunning(plan);
        if (plan.Preempted.Count == 0) StartWaiting(now, plan);
        // All that the pace allowed may have been displaced by one that then found no room itself.
        if (plan.Items.Count == 0 && running.Count > 0) PlanRunning(plan);
    }

    /// <summary>After the executor has computed the step.</summary>
    public void Advance(StepPlan plan) => Advance(plan, 0, plan.Items.Count);

    /// <summary>After the executor has computed a part of the step.</summary>
    public void Advance(StepPlan plan, int start, int count)
    {
        for (var i = start; i < start + count; i++)
        {
            var item = plan.Items[i];
            item.Sequence.Computed += item.Count;
            cache.Publish(item.Sequence);
        }
    }

    private bool HasInteractive()
    {
        if (waiting.CountOf(PriorityClass.Interactive) > 0) return true;
        foreach (var sequence in running)
            if (sequence.Class == PriorityClass.Interactive) return true;
        return false;
    }

    private void Expire(DateTimeOffset now, StepPlan plan)
    {
        waiting.TakeExpired(now, plan.Expired);
        for (var i = running.Count - 1; i >= 0; i--)
            if (running[i].Deadline <= now) plan.Expired.Add(running[i]);
        foreach (var entry in plan.Expired) End((Sequence)entry);
    }

    /// <summary>Insertion sort: the list hardly changes between steps, and sorting in place allocates nothing.</summary>
    private void SortRunning(DateTimeOffset now)
    {
        for (var i = 1; i < running.Count; i++)
        {
            var moving = running[i];
            var j = i - 1;
            for (; j >= 0 && precedence.Compare(running[j], moving, now) > 0; j--) running[j + 1] = running[j];
            running[j + 1] = moving;
        }
    }

    private void PlanRunning(StepPlan plan)
    {
        // Sequences that are one token behind first: a long prompt must not hold up those that already answer.
        for (var i = 0; i < running.Count; i++)
            if (running[i].Remaining == 1) i = PlanOne(running[i], plan, i);
        for (var i = 0; i < running.Count; i++)
            if (running[i].Remaining > 1) i = PlanOne(running[i], plan, i);
    }

    /// <summary>Plans one running sequence and returns where to go on, because preempting shifts the list.</summary>
    private int PlanOne(Sequence sequence, StepPlan plan, int position)
    {
        var count = Grant(sequence, plan, 0);
        if (count <= 0) return position;
        while (!cache.TryGrow(sequence, sequence.Computed + count))
        {
            var victim = Victim();
            var here = running.IndexOf(sequence);
            Preempt(victim, plan);
            if (victim == sequence) return here - 1;
        }

        Add(sequence, count, 0, plan);
        return running.IndexOf(sequence);
    }

    /// <summary>Tokens that the sequence may compute in this step.</summary>
    private int Grant(Sequence sequence, StepPlan plan, int encoderTokens)
    {
        var count = Math.Min(sequence.Remaining, Math.Min(limits.MaxChunkTokens, limits.MaxBatchTokens - plan.Tokens - encoderTokens));
        if (sequence.Class != PriorityClass.Interactive) count = Math.Min(count, lowerClassBudget - plan.LowerClassTokens);
        var rows = limits.MaxLogitRows - plan.LogitRows;
        if (sequence.WantsAllLogits) return Math.Min(count, rows);
        return rows == 0 && count == sequence.Remaining ? count - 1 : count;
    }

    private static void Add(Sequence sequence, int count, int encoderTokens, StepPlan plan)
    {
        var rows = sequence.WantsAllLogits ? count : sequence.Remaining == count ? 1 : 0;
        plan.Items.Add(new ScheduledTokens(sequence, count, rows, encoderTokens));
        plan.Tokens += count + encoderTokens;
        plan.LogitRows += rows;
        if (sequence.Class != PriorityClass.Interactive) plan.LowerClassTokens += count;
    }

    private void StartWaiting(DateTimeOffset now, StepPlan plan)
    {
        var lowest = PriorityClass.Batch;
        while (plan.Tokens < limits.MaxBatchTokens && waiting.Peek(now, lowest) is Sequence next)
        {
            if (!HasPlace(next) && !Displace(next, plan))
            {
                if (next.Class == PriorityClass.Interactive) return;
                lowest = PriorityClass.Interactive;
                continue;
            }

            if (next.Class != PriorityClass.Interactive && plan.LowerClassTokens >= lowerClassBudget)
            {
                lowest = PriorityClass.Interactive;
                continue;
            }

            // Strictly in order from here on: who lets smaller ones past starves the large ones.
            var encoderTokens = next.EncoderInput?.Length ?? 0;
            if (encoderTokens >= limits.MaxBatchTokens - plan.Tokens) return;
            if (!HasMemory(next, plan)) return;
            if (!cache.TryStart(next, Headroom())) return;
            var count = Grant(next, plan, encoderTokens);
            if (count <= 0)
            {
                cache.Release(next);
                return;
            }

            waiting.Remove(next);
            if (slots is not null) next.CrossSlot = slots.Take();
            next.Status = SequenceStatus.Running;
            running.Add(next);
            plan.Started.Add(next);
            Add(next, count, encoderTokens, plan);
        }
    }

    /// <summary>Every running sequence may need a block soon; starting another into the last blocks would only preempt it again.</summary>
    private int Headroom() => running.Count;

    private bool HasPlace(Sequence next)
    {
        if (running.Count >= limits.MaxSequences || slots is { Free: 0 }) return false;
        if (next.Class == PriorityClass.Interactive) return true;
        var others = 0;
        foreach (var sequence in running)
            if (sequence.Class != PriorityClass.Interactive) others++;
        return others < limits.MaxSequences - limits.ReservedForInteractive;
    }

    /// <summary>Makes a running place for a request by preempting one of a strictly lower class; at most one per step.</summary>
    private bool Displace(Sequence next, StepPlan plan)
    {
        if (plan.Preempted.Count > 0) return false;
        var victim = DisplaceableFor(next);
        if (victim is null) return false;
        Preempt(victim, plan);
        return HasPlace(next);
    }

    /// <summary>Blocks for the request, by preempting requests of strictly lower classes where that suffices.</summary>
    private bool HasMemory(Sequence next, StepPlan plan)
    {
        var lacking = cache.Lacking(next, Headroom());
        if (lacking <= 0) return true;
        var reclaimable = 0;
        foreach (var sequence in running)
            if (IsDisplaceable(sequence, next)) reclaimable += cache.Reclaimable(sequence) + 1;
        if (reclaimable < lacking) return false;
        while (cache.Lacking(next, Headroom()) > 0 && DisplaceableFor(next) is { } victim) Preempt(victim, plan);
        return cache.Lacking(next, Headroom()) <= 0;
    }

    private bool IsDisplaceable(Sequence sequence, Sequence next) =>
        sequence.Class > next.Class && sequence.Preemptions < limits.MaxPreemptions;

    private Sequence? DisplaceableFor(Sequence next)
    {
        Sequence? victim = null;
        foreach (var sequence in running)
            if (IsDisplaceable(sequence, next) && (victim is null || Precedence.CompareAsVictim(sequence, victim) > 0)) victim = sequence;
        return victim;
    }

    private Sequence Victim()
    {
        var victim = running[0];
        foreach (var sequence in running)
            if (Precedence.CompareAsVictim(sequence, victim) > 0) victim = sequence;
        return victim;
    }

    private void Preempt(Sequence victim, StepPlan plan)
    {
        for (var i = plan.Items.Count - 1; i >= 0; i--)
        {
            var item = plan.Items[i];
            if (item.Sequence != victim) continue;
            plan.Items.RemoveAt(i);
            plan.Tokens -= item.Count + item.EncoderTokens;
            plan.LogitRows -= item.LogitRows;
            if (victim.Class != PriorityClass.Interactive) plan.LowerClassTokens -= item.Count;
        }

        plan.Started.Remove(victim);
        running.Remove(victim);
        GiveBack(victim);
        victim.Preemptions++;
        victim.Status = SequenceStatus.Waiting;
        waiting.Add(victim);
        plan.Preempted.Add(victim);
        Preemptions++;
    }

    private void GiveBack(Sequence sequence)
    {
        cache.Release(sequence);
        if (sequence.CrossSlot < 0) return;
        var (slot, encoded) = (sequence.CrossSlot, sequence.Encoded);
        sequence.CrossSlot = -1;
        sequence.Encoded = false;
        slots!.Release(slot, encoded);
    }
}
