using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Memory;
using AttentionOperator.Inference.Scheduling;

namespace AttentionOperator.Inference.Engine;

/// <summary>
/// The encoder engine's thread. There is no batching timer: it takes what is there; while a batch is computed the next one gathers. Under load
/// batches are full, idle a lone request goes at once.
/// </summary>
internal sealed class EncoderLoop(
    IEncoderExecutor executor, EncoderPacker packer, AdmissionControl admission, EngineCounters counters, Mailbox<EncoderWork> mailbox,
    EncoderEngineOptions options, TimeProvider time)
{
    private readonly List<EncoderWork> batch = new(options.MaxBatchRequests);
    private readonly List<QueueEntry> expired = [];
    private readonly PackedBatch packed = new();
    private readonly float[] output = new float[checked(options.MaxBatchRequests * Math.Max(executor.HiddenSize, executor.LabelCount))];
    private readonly List<string> leftOver = [];
    private int finished;
    private bool draining;
    private readonly StepFaults faults = new(counters, options.StepFailed, options.MaxConsecutiveFailures, "batches");
    private int computed;

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

    private bool Turn()
    {
        var asked = TakeMail();
        if (asked == MailboxState.Stopping) return false;
        var now = time.GetUtcNow();
        draining = asked == MailboxState.Draining;
        if (draining && (packer.Count == 0 || mailbox.GraceIsOver(now))) return false;

        expired.Clear();
        packer.TakeExpired(now, expired);
        foreach (var entry in expired) Fail((EncoderWork)entry, new RequestRefusedException(RefusalReason.Deadline, $"The deadline {entry.Deadline:O} passed in the queue."));
        if (packer.Count > 0 && (draining || !WaitsForMore(now))) Compute(packer.Pack(now, batch));
        counters.Publish(packer, 0, 0);
        if (asked == MailboxState.Open && packer.Count == 0) mailbox.Wait();
        return true;
    }

    /// <summary>Holds an incomplete batch back while its first request is younger than the delay; off by default.</summary>
    private bool WaitsForMore(DateTimeOffset now)
    {
        if (options.MaxDelay == TimeSpan.Zero || packer.HasFullBatch()) return false;
        var left = packer.Peek(now)!.ArrivedAt + options.MaxDelay - now;
        if (left <= TimeSpan.Zero) return false;
        using var timer = time.CreateTimer(_ => mailbox.Wake(), null, left, Timeout.InfiniteTimeSpan);
        mailbox.Wait();
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
                if (!work.Retired) packer.Add(work);
            }
            else if (!work.Retired)
            {
                if (work.Queued) packer.Remove(work);
                Drop(work);
            }
        }

        mail.Clear();
        return asked;
    }

    private void Compute(int tokens)
    {
        foreach (var work in batch)
            if (work.SettleAdmission()) admission.Start(work.AdmissionCost, work.Class);
        counters.Publish(packer, batch.Count, tokens);
        computed = 0;
        if (Compute(0, batch.Count) is { } fault) Recover(fault, tokens);
        if (computed > 0) faults.Sound();
    }

    /// <summary>Computes a part of the batch and delivers it; returns what went wrong instead.</summary>
    private Exception? Compute(int first, int count)
    {
        Lay(first, count);
        options.StepBegins?.Invoke(new StepOutline(packed.TokenIds.Count, count, Longest(first, count)));
        var start = time.GetTimestamp();
        var width = Width;
        try
        {
            executor.Execute(packed, batch[0].Output, output.AsSpan(0, count * width));
        }
        catch (Exception exception)
        {
            return exception;
        }

        var duration = time.GetElapsedTime(start);
        computed += count;
        for (var i = 0; i < count; i++) Deliver(batch[first + i], output.AsSpan(i * width, width));
        counters.BatchDone(packed.TokenIds.Count);
        options.StepDone?.Invoke(new StepReport(count, packed.TokenIds.Count, duration));
        return null;
    }

    private int Longest(int first, int count)
    {
        var longest = 0;
        for (var i = first; i < first + count; i++) longest = Math.Max(longest, batch[i].TokenIds.Length);
        return longest;
    }

    private int Width => batch[0].Output == EncoderOutput.Logits ? executor.LabelCount : executor.HiddenSize;

    /// <summary>Where the encoder still computes a single token, one of the inputs is to blame: the batch is halved until it is alone.</summary>
    private void Recover(Exception fault, int tokens)
    {
        faults.Report(fault);
        var shortage = MemoryFailure.Is(fault) ? new MemoryShortage(batch[0].TokenIds.Length, tokens, batch.Count) : null;
        if (!CanCompute())
        {
            foreach (var work in batch) FailAlone(work, fault, tokens);
            faults.Lost(fault, shortage);
            return;
        }

        if (Compute(0, batch.Count) is { } again) Halve(0, batch.Count, again, tokens);
        if (computed == 0 && shortage is not null) faults.Lost(fault, shortage);
        else faults.Sound();
    }

    private void Halve(int first, int count, Exception fault, int tokens)
    {
        if (count == 1)
        {
            FailAlone(batch[first], fault, tokens);
            return;
        }

        var half = count / 2;
        if (Compute(first, half) is { } left) Halve(first, half, left, tokens);
        if (Compute(first + half, count - half) is { } right) Halve(first + half, count - half, right, tokens);
    }

    private bool CanCompute()
    {
        packed.TokenIds.Clear();
        packed.TypeIds.Clear();
        packed.Starts.Clear();
        packed.TokenIds.Add(0);
        packed.TypeIds.Add(0);
        packed.Starts.AddRange([0, 1]);
        try
        {
            executor.Execute(packed, batch[0].Output, output.AsSpan(0, Width));
            return true;
        }
        catch (Exception)
        {
            // What was wrong is known already; here it only matters that something is.
            return false;
        }
    }

    private void FailAlone(EncoderWork work, Exception fault, int tokens)
    {
        var shortage = MemoryFailure.Is(fault) ? new MemoryShortage(work.TokenIds.Length, tokens, batch.Count) : null;
        Fail(work, new GenerationFailedException($"{shortage?.ToString() ?? "The batch failed."} {fault.Message}", true, fault) { Shortage = shortage });
    }

    private void Lay(int first, int count)
    {
        packed.TokenIds.Clear();
        packed.TypeIds.Clear();
        packed.Starts.Clear();
        packed.Starts.Add(0);
        for (var i = first; i < first + count; i++)
        {
            var work = batch[i];
            packed.TokenIds.AddRange(work.TokenIds);
            if (work.TypeIds.Length > 0) packed.TypeIds.AddRange(work.TypeIds);
            else for (var t = 0; t < work.TokenIds.Length; t++) packed.TypeIds.Add(0);
            packed.Starts.Add(packed.TokenIds.Count);
        }
    }

    private void Deliver(EncoderWork work, ReadOnlySpan<float> vector)
    {
        foreach (var value in vector)
        {
            if (float.IsFinite(value)) continue;
            Fail(work, new GenerationFailedException("The model gave a number that is not finite.", false));
            return;
        }

        if (draining) finished++;
        work.Retired = true;
        work.Complete(vector.ToArray());
    }

    private void Fail(EncoderWork work, Exception exception)
    {
        Drop(work);
        work.Fail(exception);
    }

    private void Drop(EncoderWork work)
    {
        work.Retired = true;
        if (work.SettleAdmission()) admission.Drop(work.AdmissionCost, work.Class);
    }

    private void Close(EngineState state, Exception? fault)
    {
        var drained = mailbox.Close(state);
        TakeMail();
        while (packer.Peek(time.GetUtcNow()) is { } work)
        {
            packer.Remove(work);
            leftOver.Add(work.Id);
            Fail(work, new GenerationFailedException(fault is null ? "The engine stopped." : $"The engine failed. {fault.Message}", true, fault));
        }

        counters.Publish(packer, 0, 0);
        drained?.TrySetResult(new DrainReport(finished, leftOver, []));
    }
}
