using AttentionOperator.Kube.Metrics;
using Microsoft.Extensions.Logging;

namespace AttentionOperator.Kube.Leases;

/// <summary>
/// Contends for a lease, leads, and contends again after a loss. A term ends at once when another holder is seen or when the renew deadline passes,
/// also while a request hangs; on exit the lease is released after the work has stopped, so that the next leader need not wait.
/// </summary>
public sealed class LeaseElector(
    ILeaseStore store,
    LeaseOptions options,
    ILogger<LeaseElector> logger,
    LeadershipGate? gate = null,
    KubeMetrics? metrics = null,
    TimeProvider? time = null,
    Random? random = null)
{
    private readonly TimeProvider time = time ?? TimeProvider.System;
    private readonly Random random = random ?? Random.Shared;
    private readonly LeaseObservation observation = new(time ?? TimeProvider.System);
    private volatile LeaderTerm? current;
    private volatile string holder = "";

    /// <summary>True during a term; false from the moment it ends, even while its work is still stopping.</summary>
    public bool IsLeader => current is { Token.IsCancellationRequested: false };

    /// <summary>Who holds the lease as far as we know; empty where nobody does.</summary>
    public string Holder => holder;

    /// <summary>Runs <paramref name="lead"/> once per term until cancelled. Returns when it returns by itself, and rethrows what it throws.</summary>
    /// <param name="lead">The leader's work. It must end when the term's token is cancelled; we do not contend again before it has.</param>
    /// <param name="cancellation">Gives the lease up and ends.</param>
    public async Task RunAsync(Func<LeaderTerm, Task> lead, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(lead);
        options.Validate();
        metrics?.Leader(store.Name, false);
        while (!cancellation.IsCancellationRequested)
        {
            Held held;
            try
            {
                held = await AcquireAsync(cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }

            if (await LeadAsync(lead, held, cancellation).ConfigureAwait(false))
            {
                return;
            }
        }
    }

    private async Task<Held> AcquireAsync(CancellationToken cancellation)
    {
        while (true)
        {
            TimeSpan wait = Jittered(options.RetryPeriod);
            long start = time.GetTimestamp();
            try
            {
                using var attempt = new Attempt(options.RequestTimeout, time, cancellation);
                (LeaseState? state, TimeSpan remaining) = await TryAcquireAsync(attempt.Token).ConfigureAwait(false);
                if (state is not null)
                {
                    return new Held(state, start);
                }

                wait = remaining > TimeSpan.Zero && remaining < wait ? remaining : wait;
            }
#pragma warning disable CA1031 // Whatever went wrong, the answer is to try again.
            catch (Exception e) when (!cancellation.IsCancellationRequested)
#pragma warning restore CA1031
            {
                LeaseLog.AttemptFailed(logger, e, store.Name);
            }

            await Task.Delay(wait, time, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<(LeaseState? Held, TimeSpan Remaining)> TryAcquireAsync(CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        LeaseState? found = await store.GetAsync(cancellation).ConfigureAwait(false);
        if (found is null)
        {
            return (await store.CreateAsync(new LeaseRecord(options.Identity, options.LeaseDuration, now, now, 0), cancellation).ConfigureAwait(false), TimeSpan.Zero);
        }

        observation.See(found);
        holder = found.Record.Holder;
        TimeSpan remaining = observation.Remaining(found.Record, options.Identity, options.ClockTolerance);
        if (remaining > TimeSpan.Zero)
        {
            return (null, remaining);
        }

        LeaseRecord taken = found.Record with
        {
            Holder = options.Identity,
            Duration = options.LeaseDuration,
            AcquiredAt = now,
            RenewedAt = now,
            Transitions = found.Record.Transitions + 1,
        };
        return (await store.UpdateAsync(found, taken, cancellation).ConfigureAwait(false), TimeSpan.Zero);
    }

    /// <summary>One term; true where the work ended by itself or was cancelled from outside.</summary>
    private async Task<bool> LeadAsync(Func<LeaderTerm, Task> lead, Held held, CancellationToken cancellation)
    {
        using var ended = new CancellationTokenSource();
        using var lost = new CancellationTokenSource();
        // The deadline counts from before the request that renewed: the server may have written it that early.
        using ITimer deadline = time.CreateTimer(_ => Lose(ended, lost), null, Left(held.Since), Timeout.InfiniteTimeSpan);
        using CancellationTokenRegistration stop = cancellation.Register(() => ended.Cancel());
        var term = new LeaderTerm(held.State.Record.Transitions, ended.Token);
        Enter(term);
        LeaseLog.Leading(logger, options.Identity, store.Name, term.Number);

        Task work = RunWorkAsync(lead, term);
        LeaseState state = await RenewUntilAsync(work, held.State, deadline, ended, lost).ConfigureAwait(false);
        bool endedItself = work.IsCompleted && !ended.IsCancellationRequested;
        await ended.CancelAsync().ConfigureAwait(false);
        try
        {
            await work.ConfigureAwait(false);
        }
        catch (Exception e) when (ended.IsCancellationRequested && (e is OperationCanceledException or NotLeadingException))
        {
            // The ways in which work ends whose term is over.
        }
        finally
        {
            Leave();
            LeaseLog.Stopped(logger, options.Identity, store.Name, lost.IsCancellationRequested ? "lost" : "given up");
            if (!lost.IsCancellationRequested)
            {
                await ReleaseAsync(state).ConfigureAwait(false);
            }
        }

        return endedItself || cancellation.IsCancellationRequested;
    }

    private static async Task RunWorkAsync(Func<LeaderTerm, Task> lead, LeaderTerm term)
    {
        await Task.Yield();
        await lead(term).ConfigureAwait(false);
    }

    private static void Lose(CancellationTokenSource ended, CancellationTokenSource lost)
    {
        try
        {
            lost.Cancel();
            ended.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The term was over before the timer's last call ran.
        }
    }

    /// <summary>Renews until the work is done, also while it stops, or until the lease is lost.</summary>
    private async Task<LeaseState> RenewUntilAsync(Task work, LeaseState state, ITimer deadline, CancellationTokenSource ended, CancellationTokenSource lost)
    {
        while (!work.IsCompleted && !lost.IsCancellationRequested)
        {
            using (var pause = CancellationTokenSource.CreateLinkedTokenSource(lost.Token))
            {
                Task delay = Task.Delay(options.RetryPeriod, time, pause.Token);
                await Task.WhenAny(delay, work).ConfigureAwait(false);
                await pause.CancelAsync().ConfigureAwait(false);
            }

            if (work.IsCompleted || lost.IsCancellationRequested)
            {
                break;
            }

            long start = time.GetTimestamp();
            try
            {
                using var attempt = new Attempt(options.RequestTimeout, time, lost.Token);
                if (await RenewAsync(state, attempt.Token).ConfigureAwait(false) is { } renewed)
                {
                    state = renewed;
                    deadline.Change(Left(start), Timeout.InfiniteTimeSpan);
                }
                else
                {
                    Lose(ended, lost);
                }
            }
#pragma warning disable CA1031 // Until the deadline every error is worth another attempt.
            catch (Exception e)
#pragma warning restore CA1031
            {
                LeaseLog.AttemptFailed(logger, e, store.Name);
            }
        }

        return state;
    }

    /// <summary>The renewed state, or null where somebody else holds the lease.</summary>
    private async Task<LeaseState?> RenewAsync(LeaseState state, CancellationToken cancellation)
    {
        LeaseRecord renewal = state.Record with { RenewedAt = time.GetUtcNow() };
        if (await store.UpdateAsync(state, renewal, cancellation).ConfigureAwait(false) is { } renewed)
        {
            return renewed;
        }

        // The version moved: either another holder, or an answer to our own update that never arrived, or an edit of metadata.
        LeaseState? found = await store.GetAsync(cancellation).ConfigureAwait(false);
        if (found is null)
        {
            return await store.CreateAsync(renewal, cancellation).ConfigureAwait(false);
        }

        holder = found.Record.Holder;
        bool ours = found.Record.Holder == options.Identity && found.Record.Transitions == state.Record.Transitions;
        return ours ? await store.UpdateAsync(found, renewal, cancellation).ConfigureAwait(false) : null;
    }

    private async Task ReleaseAsync(LeaseState state)
    {
        try
        {
            using var attempt = new Attempt(options.RequestTimeout, time, CancellationToken.None);
            LeaseRecord released = state.Record with { Holder = "", Duration = TimeSpan.FromSeconds(1), RenewedAt = time.GetUtcNow() };
            await store.UpdateAsync(state, released, attempt.Token).ConfigureAwait(false);
            holder = "";
        }
#pragma warning disable CA1031 // The lease runs out by itself; an exit must not fail on it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LeaseLog.AttemptFailed(logger, e, store.Name);
        }
    }

    private TimeSpan Left(long since)
    {
        TimeSpan left = options.RenewDeadline - time.GetElapsedTime(since);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private TimeSpan Jittered(TimeSpan period)
    {
        lock (random)
        {
            return period * (1 + (0.2 * random.NextDouble()));
        }
    }

    private void Enter(LeaderTerm term)
    {
        current = term;
        holder = options.Identity;
        gate?.Open(term);
        metrics?.Leader(store.Name, true);
    }

    private void Leave()
    {
        gate?.Close();
        current = null;
        metrics?.Leader(store.Name, false);
    }

    private sealed record Held(LeaseState State, long Since);

    /// <summary>A token that ends with its parent or after a time.</summary>
    private sealed class Attempt : IDisposable
    {
        private readonly CancellationTokenSource timeout;
        private readonly CancellationTokenSource linked;

        public Attempt(TimeSpan limit, TimeProvider time, CancellationToken parent)
        {
            timeout = new CancellationTokenSource(limit, time);
            linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, parent);
        }

        public CancellationToken Token => linked.Token;

        public void Dispose()
        {
            linked.Dispose();
            timeout.Dispose();
        }
    }
}
