using System.Diagnostics;
using AttentionOperator.Kube.Metrics;
using AttentionOperator.Kube.Queues;
using Microsoft.Extensions.Logging;
using Prometheus;

namespace AttentionOperator.Kube.Control;

/// <summary>
/// Workers that take keys from a queue and reconcile them: serial per key, parallel across keys. A key that throws backs off and never stops the others.
/// The queue fills from the start, so a standby that calls <see cref="RunAsync"/> only when it leads goes to work at once.
/// </summary>
public sealed class Controller<TKey> : IDisposable
    where TKey : notnull
{
    private readonly IReconciler<TKey> reconciler;
    private readonly ControllerOptions options;
    private readonly OwnWrites<TKey>? ownWrites;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Counter.Child? done;
    private readonly Counter.Child? waiting;
    private readonly Counter.Child? terminal;
    private readonly Counter.Child? errors;
    private readonly Histogram.Child? duration;
    private readonly Gauge.Child? active;
    private long reconcileNumber;

    public Controller(
        IReconciler<TKey> reconciler,
        ControllerOptions options,
        ILogger<Controller<TKey>> logger,
        OwnWrites<TKey>? ownWrites = null,
        KubeMetrics? metrics = null,
        TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.reconciler = reconciler;
        this.options = options;
        this.logger = logger;
        this.ownWrites = ownWrites;
        this.time = time ?? TimeProvider.System;
        Queue = new WorkQueue<TKey>(options.Name, options.Queue, this.time, metrics);
        done = metrics?.ReconcileTotal.WithLabels(options.Name, "done");
        waiting = metrics?.ReconcileTotal.WithLabels(options.Name, "waiting");
        terminal = metrics?.ReconcileTotal.WithLabels(options.Name, "terminal");
        errors = metrics?.ReconcileTotal.WithLabels(options.Name, "error");
        duration = metrics?.ReconcileSeconds.WithLabels(options.Name);
        active = metrics?.ActiveWorkers.WithLabels(options.Name);
    }

    public WorkQueue<TKey> Queue { get; }

    /// <summary>Works until cancelled; returns when every reconcile in progress has ended. May be called again afterwards: the queue stays.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var workers = new Task[Math.Max(1, options.Workers)];
        for (int i = 0; i < workers.Length; i++)
        {
            workers[i] = Task.Run(() => WorkAsync(cancellation), CancellationToken.None);
        }

        await Task.WhenAll(workers).ConfigureAwait(false);
    }

    public void Dispose() => Queue.Dispose();

    private async Task WorkAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            TKey key;
            try
            {
                key = await Queue.TakeAsync(cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            try
            {
                await ProcessAsync(key, cancellation).ConfigureAwait(false);
            }
            finally
            {
                Queue.Done(key);
            }
        }
    }

    private async Task ProcessAsync(TKey key, CancellationToken cancellation)
    {
        if (ownWrites?.Behind(key) is { } untilTimeout)
        {
            // The event of our own write brings the key back; the delay only bounds the wait for it.
            Queue.AddAfter(key, untilTimeout);
            return;
        }

        // This look replaces any that was scheduled: the reconciler sees everything now and says when to look again.
        Queue.CancelDelayed(key);
        long id = Interlocked.Increment(ref reconcileNumber);
        using IDisposable? scope = logger.BeginScope(new ReconcileScope(options.Name, key.ToString() ?? "", id));
        long start = time.GetTimestamp();
        active?.Inc();
        try
        {
            ReconcileResult result = await ReconcileWithinTimeoutAsync(key, cancellation).ConfigureAwait(false);
            Finish(key, result);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The next leader, or the next run, starts over from what is true then.
            Queue.Add(key);
        }
#pragma warning disable CA1031 // One key's error must not reach the others.
        catch (Exception e)
#pragma warning restore CA1031
        {
            TimeSpan delay = Queue.AddRateLimited(key);
            errors?.Inc();
            ControllerLog.Failed(logger, e, options.Name, key.ToString() ?? "", delay);
        }
        finally
        {
            active?.Dec();
            duration?.Observe(time.GetElapsedTime(start).TotalSeconds);
        }
    }

    private async ValueTask<ReconcileResult> ReconcileWithinTimeoutAsync(TKey key, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(options.ReconcileTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        try
        {
            return await reconciler.ReconcileAsync(key, linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"The reconcile took longer than {options.ReconcileTimeout}.", e);
        }
    }

    private void Finish(TKey key, ReconcileResult result)
    {
        Queue.Forget(key);
        switch (result.Outcome)
        {
            case ReconcileOutcome.Done:
                done?.Inc();
                break;
            case ReconcileOutcome.Waiting:
                waiting?.Inc();
                Queue.AddAfter(key, result.Delay);
                ControllerLog.Waiting(logger, options.Name, key.ToString() ?? "", result.Reason, result.Delay);
                break;
            case ReconcileOutcome.Terminal:
                terminal?.Inc();
                Queue.CancelDelayed(key);
                ControllerLog.Terminal(logger, options.Name, key.ToString() ?? "", result.Reason);
                break;
            default:
                throw new UnreachableException($"Outcome {result.Outcome}.");
        }
    }
}
