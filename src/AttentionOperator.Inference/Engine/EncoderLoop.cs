using AttentionOperator.Inference.Execution;
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
    private int failures;

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
        Lay();
        counters.Publish(packer, batch.Count, tokens);
        var width = batch[0].Output == EncoderOutput.Logits ? executor.LabelCount : executor.HiddenSize;
        try
        {
            executor.Execute(packed, batch[0].Output, output.AsSpan(0, batch.Count * width));
        }
        catch (Exception exception)
        {
            foreach (var work in batch) Fail(work, new GenerationFailedException($"The batch failed. {exception.Message}", true, exception));
            Failed(exception);
            return;
        }

        failures = 0;
        for (var i = 0; i < batch.Count; i++) Deliver(batch[i], output.AsSpan(i * width, width));
        counters.BatchDone(tokens);
    }

    private void Lay()
    {
        packed.TokenIds.Clear();
        packed.TypeIds.Clear();
        packed.Starts.Clear();
        packed.Starts.Add(0);
        foreach (var work in batch)
        {
            if (work.SettleAdmission()) admission.Start(work.AdmissionCost);
            packed.TokenIds.AddRange(work.TokenIds);
            if (work.TypeIds.Length > 0) packed.TypeIds.AddRange(work.TypeIds);
            else for (var i = 0; i < work.TokenIds.Length; i++) packed.TypeIds.Add(0);
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

    private void Failed(Exception exception)
    {
        counters.StepFailed();
        options.StepFailed?.Invoke(exception);
        if (++failures >= options.MaxConsecutiveFailures)
            throw new InvalidOperationException($"{failures} batches failed in a row; the last one: {exception.Message}", exception);
    }

    private void Fail(EncoderWork work, Exception exception)
    {
        Drop(work);
        work.Fail(exception);
    }

    private void Drop(EncoderWork work)
    {
        work.Retired = true;
        if (work.SettleAdmission()) admission.Drop(work.AdmissionCost);
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
