using System.Runtime.CompilerServices;
using AttentionOperator.Inference.Cache;
using AttentionOperator.Inference.Constrained;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Scheduling;
using AttentionOperator.Tokenization;

namespace AttentionOperator.Inference.Engine;

/// <summary>
/// Continuous batching over one executor, on a thread of its own. Decoders and encoder-decoders. The executor stays the caller's: dispose it after
/// the engine.
/// </summary>
public sealed class GenerationEngine : IGenerationEngine
{
    private readonly GenerationWorkFactory factory;
    private readonly ConstraintFactory constraints;
    private readonly AdmissionControl admission;
    private readonly EngineCounters counters;
    private readonly Mailbox<GenerationWork> mailbox = new();
    private readonly TimeProvider time;
    private readonly EngineLoop loop;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Allocates all that the engine will ever need for its steps, and starts its thread.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of bounds.</exception>
    public GenerationEngine(IDecoderExecutor executor, ITokenizer tokenizer, GenerationEngineOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(executor);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        this.time = time ?? TimeProvider.System;
        var shape = executor.Shape;
        var limits = new SchedulerLimits(
            options.MaxBatchTokens, options.MaxSequences, options.MaxChunkTokens, options.MaxSequences + options.PromptLogProbRows,
            Math.Min((int)Math.Ceiling(options.MaxSequences * options.InteractiveReserve), options.MaxSequences - 1), options.MaxPreemptions);
        var cache = new KeyValueCache(shape.BlockCount, shape.BlockSize, options.PrefixReuse);
        var slots = executor is ISeq2SeqExecutor encoderDecoder ? new CrossSlotPool(encoderDecoder.CrossSlotCount, slot => Forget(encoderDecoder, slot, options)) : null;
        var scheduler = new Scheduler(limits, new Precedence(options.AgingInterval), cache, slots);
        factory = new GenerationWorkFactory(executor, tokenizer, options, this.time);
        constraints = new ConstraintFactory(tokenizer, shape.VocabularySize);
        admission = new AdmissionControl(options.MaxQueuedRequests, options.MaxQueuedTokens, options.InteractiveReserve, this.time);
        counters = new EngineCounters(this.time);
        loop = new EngineLoop(scheduler, cache, new StepRunner(executor, limits), admission, counters, mailbox, options, this.time);
        new Thread(() =>
        {
            loop.Run();
            ended.SetResult();
        })
        { IsBackground = true, Name = "generation-engine" }.Start();
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

    public async IAsyncEnumerable<GenerationEvent> GenerateAsync(
        GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        var work = Accept(request);
        try
        {
            // Before it is handed over: from then on cancelling takes effect before the next step.
            // The reader waits without a token: waiting with one allocates per token, and cancelling ends the channel anyway.
            using var registration = cancellationToken.UnsafeRegister(
                (_, token) =>
                {
                    work.Fail(new OperationCanceledException(token));
                    mailbox.Cancel(work);
                },
                null);
            if (!work.Retired) Submit(work);
            while (await work.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
                while (work.Reader.TryRead(out var output)) yield return WithText(work, output);
        }
        finally
        {
            mailbox.Cancel(work);
        }
    }

    public async Task<DrainReport> DrainAsync(TimeSpan grace, CancellationToken cancellationToken = default)
    {
        var draining = mailbox.Drain(time.GetUtcNow() + grace);
        using var registration = cancellationToken.UnsafeRegister(_ => mailbox.Drain(DateTimeOffset.MinValue), null);
        return await draining.ConfigureAwait(false);
    }

    /// <summary>Stops at once; what is still there fails. Use <see cref="DrainAsync"/> first to let it finish.</summary>
    public async ValueTask DisposeAsync()
    {
        mailbox.Stop();
        await ended.Task.ConfigureAwait(false);
    }

    /// <summary>Checks the request and takes a place for it.</summary>
    private GenerationWork Accept(GenerationRequest request)
    {
        if (State != EngineState.Running) throw Refused();
        factory.Check(request);
        var cost = GenerationWorkFactory.Cost(request);
        if (request.Ticket is { } ticket) ticket.Use(cost);
        else admission.Enter(cost, request.Priority);
        GenerationWork work;
        try
        {
            work = factory.Create(request, constraints.For(request.JsonSchema));
        }
        catch
        {
            admission.Drop(cost, request.Priority);
            throw;
        }

        if (work.CompleteAs is not { } finish) return work;
        work.Retired = true;
        if (work.SettleAdmission()) admission.Drop(cost, work.Class);
        work.Emit(-1, work.Text.Flush(out _), true, null, finish);
        return work;
    }

    private void Submit(GenerationWork work)
    {
        counters.Submitted(work.Class, 1);
        if (mailbox.TrySubmit(work)) return;
        counters.Submitted(work.Class, -1);
        work.Retired = true;
        if (work.SettleAdmission()) admission.Drop(work.AdmissionCost, work.Class);
        throw Refused();
    }

    /// <summary>An executor that cannot let go of a slot must not take the engine's bookkeeping down with it.</summary>
    private static void Forget(ISeq2SeqExecutor executor, int slot, GenerationEngineOptions options)
    {
        try
        {
            executor.Release(slot);
        }
        catch (Exception exception)
        {
            options.StepFailed?.Invoke(exception);
        }
    }

    private RequestRefusedException Refused() => State == EngineState.Faulted
        ? new RequestRefusedException(RefusalReason.Draining, "The engine has failed and takes no requests.")
        : new RequestRefusedException(RefusalReason.Draining, "The engine is shutting down and takes no new requests.");

    private static GenerationEvent WithText(GenerationWork work, TokenOutput output)
    {
        if (!output.TextPending) return output.Event;
        var text = output.Hidden ? "" : work.Text.Push(output.Event.TokenId, false, out _);
        if (output.Event.Finish is not null) text += work.Text.Flush(out _);
        return output.Event with { Text = text };
    }
}
