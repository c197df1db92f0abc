using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Scheduling;

namespace AttentionOperator.Inference.Engine;

/// <summary>Batches sequences for one encoder, on a thread of its own. The executor stays the caller's: dispose it after the engine.</summary>
public sealed class EncoderEngine : IEncoderEngine
{
    private readonly IEncoderExecutor executor;
    private readonly AdmissionControl admission;
    private readonly EngineCounters counters;
    private readonly Mailbox<EncoderWork> mailbox = new();
    private readonly TimeProvider time;
    private readonly int maxLength;
    private readonly EncoderLoop loop;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <exception cref="ArgumentOutOfRangeException">An option is out of bounds.</exception>
    public EncoderEngine(IEncoderExecutor executor, EncoderEngineOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(executor);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        this.executor = executor;
        this.time = time ?? TimeProvider.System;
        maxLength = Math.Min(executor.MaxPositions, options.MaxBatchTokens);
        admission = new AdmissionControl(options.MaxQueuedRequests, options.MaxQueuedTokens, options.InteractiveReserve, this.time);
        counters = new EngineCounters(this.time);
        var packer = new EncoderPacker(new Precedence(options.AgingInterval), options.MaxBatchTokens, options.MaxBatchRequests);
        loop = new EncoderLoop(executor, packer, admission, counters, mailbox, options, this.time);
        new Thread(() =>
        {
            loop.Run();
            ended.SetResult();
        })
        { IsBackground = true, Name = "encoder-engine" }.Start();
    }

    public EngineStatistics Statistics => counters.Read();

    public EngineState State => mailbox.EngineState;

    /// <summary>Completes when the engine's thread has ended, for whatever reason; <see cref="State"/> says which.</summary>
    public Task Ended => ended.Task;

    /// <summary>Why the engine failed for good, once <see cref="Ended"/> has completed; null where it did not.</summary>
    public Exception? Fault => loop.Fault;

    public AdmissionTicket Admit(int requests, long tokens, PriorityClass priority, UInt128 returnKey)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(requests, 1);
        if (State != EngineState.Running) throw Refused();
        admission.Enter(requests, tokens, priority, returnKey);
        return new AdmissionTicket(admission, requests, tokens, priority);
    }

    public async ValueTask<float[]> RunAsync(EncoderRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        Check(request);
        var work = new EncoderWork
        {
            Id = request.Id,
            Class = request.Priority,
            ArrivedAt = time.GetUtcNow(),
            Deadline = request.Deadline,
            AdmissionCost = request.TokenIds.Length,
            TokenIds = request.TokenIds,
            TypeIds = request.TypeIds,
            Output = request.Output,
        };
        if (State != EngineState.Running) throw Refused();
        if (request.Ticket is { } ticket) ticket.Use(work.AdmissionCost);
        else admission.Enter(work.AdmissionCost, work.Class);

        // Before it is handed over: from then on cancelling takes effect before the next batch.
        using var registration = cancellationToken.UnsafeRegister(
            (_, token) =>
            {
                work.Cancel(token);
                mailbox.Cancel(work);
            },
            null);
        Submit(work);
        return await work.Result.ConfigureAwait(false);
    }

    public async Task<DrainReport> DrainAsync(TimeSpan grace, CancellationToken cancellationToken = default)
    {
        var draining = mailbox.Drain(time.GetUtcNow() + grace);
        using var registration = cancellationToken.UnsafeRegister(_ => mailbox.Drain(DateTimeOffset.MinValue), null);
        return await draining.ConfigureAwait(false);
    }

    /// <summary>Stops at once; what is still there fails.</summary>
    public async ValueTask DisposeAsync()
    {
        mailbox.Stop();
        await ended.Task.ConfigureAwait(false);
    }

    private void Submit(EncoderWork work)
    {
        counters.Submitted(work.Class, 1);
        if (mailbox.TrySubmit(work)) return;
        counters.Submitted(work.Class, -1);
        if (work.SettleAdmission()) admission.Drop(work.AdmissionCost, work.Class);
        throw Refused();
    }

    private void Check(EncoderRequest request)
    {
        if (request.TokenIds.Length == 0) throw new ArgumentException("TokenIds is empty; expected at least one token.", nameof(request));
        if (request.TypeIds.Length != 0 && request.TypeIds.Length != request.TokenIds.Length)
            throw new ArgumentException($"TypeIds has {request.TypeIds.Length} entries; expected none or {request.TokenIds.Length}.", nameof(request));
        if (request.Output == EncoderOutput.Logits && executor.LabelCount == 0)
            throw new RequestRefusedException(RefusalReason.Unsupported, "The model has no classification head.");
        if (request.TokenIds.Length > maxLength)
            throw new RequestRefusedException(RefusalReason.TooLong, $"The input has {request.TokenIds.Length} tokens; the limit is {maxLength}.");
        if (request.Deadline <= time.GetUtcNow())
            throw new RequestRefusedException(RefusalReason.Deadline, $"The deadline {request.Deadline:O} has passed.");
    }

    private RequestRefusedException Refused() => new(
        RefusalReason.Draining, State == EngineState.Faulted ? "The engine has failed and takes no requests." : "The engine is shutting down and takes no new requests.");
}
