using AttentionOperator.Inference.Cache;
using AttentionOperator.Inference.Memory;
using AttentionOperator.Inference.Scheduling;

namespace AttentionOperator.Inference.Engine;

/// <summary>
/// The engine's thread: takes what was submitted and cancelled, plans a step, computes it, delivers. It alone touches scheduler, cache and
/// executor; everything that others say to it goes through <see cref="Mailbox{TWork}"/>. In steady state it allocates nothing.
/// </summary>
internal sealed class EngineLoop
{
    private readonly Scheduler scheduler;
    private readonly KeyValueCache cache;
    private readonly StepRunner runner;
    private readonly AdmissionControl admission;
    private readonly EngineCounters counters;
    private readonly Mailbox<GenerationWork> mailbox;
    private readonly GenerationEngineOptions options;
    private readonly TimeProvider time;
    private readonly StepPlan plan = new();
    private readonly List<GenerationWork> victims = [];
    private readonly DrainTally tally = new();
    private readonly StepFaults faults;
    private readonly StepPacer pacer = new();
    private int computed;

    public EngineLoop(
        Scheduler scheduler, KeyValueCache cache, StepRunner runner, AdmissionControl admission, EngineCounters counters, Mailbox<GenerationWork> mailbox,
        GenerationEngineOptions options, TimeProvider time)
    {
        this.scheduler = scheduler;
        this.cache = cache;
        this.runner = runner;
        this.admission = admission;
        this.counters = counters;
        this.mailbox = mailbox;
        this.options = options;
        this.time = time;
        faults = new StepFaults(counters, options.StepFailed, options.MaxConsecutiveFailures, "steps");
        counters.Publish(scheduler, cache);
    }

    /// <summary>Why the engine failed for good; null where it did not.</summary>
    public Exception? Fault { get; private set; }

    public void Run()
    {
        try
        {
            while (Turn())
            {
            }

            Close(EngineState.Stopped, null);
        }
        catch (Exception exception)
        {
            Fault = exception;
            Close(EngineState.Faulted, exception);
        }
    }

    /// <summary>One round; false where the thread has to end.</summary>
    private bool Turn()
    {
        var asked = TakeMail();
        if (asked == MailboxState.Stopping) return false;
        if (asked == MailboxState.Draining)
        {
            tally.Active = true;
            if (scheduler.Idle || mailbox.GraceIsOver(time.GetUtcNow())) return false;
        }

        scheduler.Plan(time.GetUtcNow(), plan, pacer.LowerClassTokens);
        foreach (var entry in plan.Expired) Expire((GenerationWork)entry);
        foreach (var sequence in plan.Started) Started((GenerationWork)sequence);
        if (plan.Items.Count > 0) Step();
        else if (!scheduler.Idle) throw new InvalidOperationException("Requests wait, but none can be planned.");
        counters.Publish(scheduler, cache);
        if (asked == MailboxState.Open && scheduler.Idle) mailbox.Wait();
        return true;
    }

    private MailboxState TakeMail()
    {
        var mail = mailbox.Take(out var asked);
        foreach (var (work, cancel) in mail)
        {
            if (!cancel)
            {
                counters.Submitted(work.Class, -1);
                // Cancelled on its way here: the cancellation came first.
                if (work.Status != SequenceStatus.Ended) scheduler.Submit(work);
            }
            else if (work.Status != SequenceStatus.Ended)
            {
                Retire(work);
            }
        }

        mail.Clear();
        return asked;
    }

    private void Step()
    {
        EncodeInputs();
        if (plan.Items.Count == 0) return;
        options.StepBegins?.Invoke(new StepOutline(plan.Tokens, plan.Items.Count, Longest()));
        computed = 0;
        if (Compute(0, plan.Items.Count) is { } fault) Recover(fault);
        if (computed > 0) faults.Sound();
    }

    private int Longest()
    {
        var longest = 0;
        foreach (var item in plan.Items) longest = Math.Max(longest, item.Sequence.Tokens.Count);
        return longest;
    }

    /// <summary>Computes a part of the step and delivers it; returns what went wrong instead.</summary>
    private Exception? Compute(int first, int count, bool probe = true)
    {
        var start = time.GetTimestamp();
        var entropyOf = probe ? EntropyItem(first, count) : -1;
        EntropySample? entropy;
        try
        {
            entropy = runner.Compute(plan, first, count, entropyOf);
        }
        catch (Exception exception)
        {
            return exception;
        }

        var duration = time.GetElapsedTime(start);
        computed += count;
        scheduler.Advance(plan, first, count);
        DeliverPart(first, count, duration);
        if (entropy is not null)
        {
            ((GenerationWork)plan.Items[entropyOf].Sequence).WantsEntropy = false;
            options.EntropyMeasured?.Invoke(entropy);
        }

        return null;
    }

    /// <summary>At most one item per step: the one whose prompt is complete with it. One row costs little beside the step.</summary>
    private int EntropyItem(int first, int count)
    {
        for (var i = first; i < first + count; i++)
            if (plan.Items[i].LogitRows > 0 && ((GenerationWork)plan.Items[i].Sequence).WantsEntropy) return i;
        return -1;
    }

    private void DeliverPart(int first, int count, TimeSpan duration)
    {
        var row = 0;
        var tokens = 0;
        var generated = 0;
        var prompt = 0;
        for (var i = first; i < first + count; i++)
        {
            var item = plan.Items[i];
            var work = (GenerationWork)item.Sequence;
            var from = work.Computed - item.Count;
            tokens += item.Count;
            prompt += Math.Clamp(work.PromptLength - from, 0, item.Count);
            var rows = runner.Logits(row, item.LogitRows);
            row += item.LogitRows;
            if (work.WantsAllLogits) runner.RecordPrompt(work, from, rows);
            if (item.LogitRows == 0 || work.Remaining > 0) continue;
            work.WantsAllLogits = false;
            generated++;
            try
            {
                Deliver(work, rows);
            }
            catch (Exception exception)
            {
                // Text and constraints are this request's own affair; the step itself is good.
                Fail(work, "The token could not be delivered.", exception);
            }
        }

        counters.StepDone(prompt, generated);
        pacer.Observe(tokens, duration);
        options.StepDone?.Invoke(new StepReport(count, tokens, duration));
    }

    /// <summary>
    /// The step threw. It may have written anything into the places of its own tokens, which computing them again overwrites; nobody else's were
    /// touched. Where the device still computes, one of the requests is to blame: the step is halved until it is alone.
    /// </summary>
    private void Recover(Exception fault)
    {
        faults.Report(fault);
        var first = plan.Items[0].Sequence;
        var shortage = MemoryFailure.Is(fault) ? Shortage(first) : null;
        var sound = cache.TryBorrow(block => runner.CanCompute(block, first.CrossSlot));
        if (!sound && cache.Free > 0)
        {
            for (var i = 0; i < plan.Items.Count; i++) FailItem(i, fault);
            faults.Lost(fault, shortage);
            return;
        }

        if (Compute(0, plan.Items.Count, probe: false) is { } again) Halve(0, plan.Items.Count, again);
        // A warm-up has computed the largest step: what finds no memory now has lost it, and so will the next one.
        if (computed == 0 && (!sound || shortage is not null)) faults.Lost(fault, shortage);
        else faults.Sound();
    }

    private void Halve(int first, int count, Exception fault)
    {
        if (count == 1)
        {
            FailItem(first, fault);
            return;
        }

        var half = count / 2;
        if (Compute(first, half, probe: false) is { } left) Halve(first, half, left);
        if (Compute(first + half, count - half, probe: false) is { } right) Halve(first + half, count - half, right);
    }

    private void FailItem(int index, Exception fault)
    {
        var work = (GenerationWork)plan.Items[index].Sequence;
        Fail(work, "The step failed.", fault, MemoryFailure.Is(fault) ? Shortage(work) : null);
    }

    private MemoryShortage Shortage(Sequence sequence) => new(sequence.Tokens.Count + (sequence.EncoderInput?.Length ?? 0), plan.Tokens, plan.Items.Count);

    private void Deliver(GenerationWork work, ReadOnlySpan<float> rows)
    {
        if (!runner.SampleNext(work, rows, out var token, out var logProb))
        {
            Fail(work, "No token can be taken: a logit is not a number, or the constraint allows no token of the vocabulary.", null);
            return;
        }

        var finish = Completion.After(work, token, out var text, out var hidden);
        if (finish is not null) Finish(work);
        work.Emit(token, text, hidden, logProb, finish);
    }

    /// <summary>An input that cannot be encoded fails its own request only.</summary>
    private void EncodeInputs()
    {
        for (var i = plan.Items.Count - 1; i >= 0; i--)
        {
            if (plan.Items[i].EncoderTokens == 0) continue;
            var work = (GenerationWork)plan.Items[i].Sequence;
            try
            {
                runner.Encode(work);
            }
            catch (Exception exception)
            {
                faults.Report(exception);
                var shortage = MemoryFailure.Is(exception) ? Shortage(work) : null;
                var sound = work.Encoded = runner.CanEncode(work.CrossSlot);
                plan.Items.RemoveAt(i);
                Fail(work, "The encoder failed.", exception, shortage);
                if (!sound || shortage is not null) faults.Lost(exception, shortage);
            }
        }
    }

    private void Started(GenerationWork work)
    {
        if (work.EverStarted) return;
        work.EverStarted = true;
        work.QueueTime = time.GetUtcNow() - work.ArrivedAt;
        work.CachedPromptTokens = Math.Min(work.Computed, work.PromptLength);
        // Everything that grows with the answer gets its final size here, not in the middle of decoding.
        work.Tokens.EnsureCapacity(work.LengthLimit);
        work.Blocks.EnsureCapacity(cache.BlocksFor(work.LengthLimit));
        work.BlockHashes.EnsureCapacity(cache.BlocksFor(work.LengthLimit));
        if (work.SettleAdmission()) admission.Start(work.AdmissionCost, work.Class);
    }

    private void Expire(GenerationWork work)
    {
        Finish(work);
        work.Emit(-1, work.TextInEngine ? work.Text.Flush(out _) : null, true, null, FinishReason.Deadline);
    }

    private void Finish(GenerationWork work)
    {
        Retire(work);
        tally.Finish();
    }

    private void Fail(GenerationWork work, string message, Exception? exception, MemoryShortage? shortage = null)
    {
        Retire(work);
        var text = exception is null ? message : $"{shortage?.ToString() ?? message} {exception.Message}";
        work.Fail(new GenerationFailedException(text, !work.Announced, exception) { Shortage = shortage });
    }

    private void Retire(GenerationWork work)
    {
        scheduler.End(work);
        work.Retired = true;
        if (work.SettleAdmission()) admission.Drop(work.AdmissionCost, work.Class);
    }

    /// <summary>Ends everything that is still there; nothing can be submitted any more.</summary>
    private void Close(EngineState state, Exception? fault)
    {
        var drained = mailbox.Close(state);
        TakeMail();
        victims.AddRange(scheduler.Running.Cast<GenerationWork>());
        while (scheduler.Waiting.Peek(time.GetUtcNow()) is GenerationWork work)
        {
            scheduler.Waiting.Remove(work);
            victims.Add(work);
        }

        foreach (var work in victims)
        {
            tally.Interrupt(work);
            Fail(work, fault is null ? "The engine stopped." : "The engine failed.", fault);
        }

        victims.Clear();
        counters.Publish(scheduler, cache);
        drained?.TrySetResult(tally.Report());
    }
}
