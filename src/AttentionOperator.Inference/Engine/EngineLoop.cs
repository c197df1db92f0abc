using AttentionOperator.Inference.Cache;
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
    private int failures;

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
        counters.Publish(scheduler, cache);
    }

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

        scheduler.Plan(time.GetUtcNow(), plan);
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
        try
        {
            EncodeInputs();
            if (plan.Items.Count == 0) return;
            runner.Compute(plan);
            failures = 0;
        }
        catch (Exception exception)
        {
            FailStep(exception);
            return;
        }

        scheduler.Advance(plan);
        var row = 0;
        var generated = 0;
        var prompt = 0;
        foreach (var item in plan.Items)
        {
            var work = (GenerationWork)item.Sequence;
            var first = work.Computed - item.Count;
            prompt += Math.Clamp(work.PromptLength - first, 0, item.Count);
            var rows = runner.Logits(row, item.LogitRows);
            row += item.LogitRows;
            if (work.WantsAllLogits) runner.RecordPrompt(work, first, rows);
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
    }

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
                plan.Items.RemoveAt(i);
                Fail(work, "The encoder failed.", exception);
                Failed(exception);
            }
        }
    }

    private void FailStep(Exception exception)
    {
        // A step that threw may have written anything into the blocks of its own sequences; nobody else's were touched.
        foreach (var item in plan.Items) Fail((GenerationWork)item.Sequence, "The step failed.", exception);
        Failed(exception);
    }

    private void Failed(Exception exception)
    {
        counters.StepFailed();
        options.StepFailed?.Invoke(exception);
        if (++failures >= options.MaxConsecutiveFailures)
            throw new InvalidOperationException($"{failures} steps failed in a row; the last one: {exception.Message}", exception);
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
        if (work.SettleAdmission()) admission.Start(work.AdmissionCost);
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

    private void Fail(GenerationWork work, string message, Exception? exception)
    {
        Retire(work);
        work.Fail(new GenerationFailedException(exception is null ? message : $"{message} {exception.Message}", !work.Announced, exception));
    }

    private void Retire(GenerationWork work)
    {
        scheduler.End(work);
        work.Retired = true;
        if (work.SettleAdmission()) admission.Drop(work.AdmissionCost);
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
