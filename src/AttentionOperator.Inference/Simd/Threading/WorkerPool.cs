using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace AttentionOperator.Inference.Simd.Threading;

/// <summary>
/// A fixed number of threads for operations of microseconds. Workers take tasks one by one, so that a thread that the system has taken off
/// its processor holds up its own task only; between operations they spin for a moment, because the next one comes soon, and then sleep.
/// </summary>
internal sealed class WorkerPool : IDisposable
{
    private const int CountBits = 20, CountMask = (1 << CountBits) - 1;

    /// <summary>About the serial work between two operations of a step.</summary>
    private static readonly long SpinTicks = Stopwatch.Frequency / 20_000;

    private readonly Thread[] _threads;
    private readonly AutoResetEvent[] _wake;
    private readonly int[] _asleep;
    private readonly AutoResetEvent _finished = new(false);

    /// <summary>Generation, number of tasks, next task: one word, so that a late worker can never take a task of another operation.</summary>
    private long _ticket;
    private ParallelWork? _work;
    private int _done, _callerWaits;
    private volatile bool _stop;
    private Exception? _error;

    public WorkerPool(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Count = threads;
        _asleep = new int[threads];
        _wake = [.. Enumerable.Range(0, threads).Select(_ => new AutoResetEvent(false))];
        _threads = [.. Enumerable.Range(1, threads - 1).Select(i => new Thread(() => Work(i)) { IsBackground = true, Name = $"attention-simd-{i}" })];
        foreach (var thread in _threads)
            thread.Start();
    }

    /// <summary>Workers, the caller included.</summary>
    public int Count { get; }

    /// <summary>Runs all tasks, and returns when they are done. From one thread at a time.</summary>
    public void Run(ParallelWork work, int tasks)
    {
        if (tasks > CountMask)
            throw new ArgumentOutOfRangeException(nameof(tasks), tasks, $"at most {CountMask}");
        if (Count == 1 || tasks == 1)
        {
            for (var i = 0; i < tasks; i++)
                work.Run(i, 0);
            return;
        }

        if (tasks == 0)
            return;
        _work = work;
        Volatile.Write(ref _done, 0);
        var generation = (_ticket >> (2 * CountBits)) + 1;
        Interlocked.Exchange(ref _ticket, (generation << (2 * CountBits)) | ((long)tasks << CountBits));
        var helpers = Math.Min(Count, tasks);
        for (var i = 1; i < helpers; i++)
            if (Volatile.Read(ref _asleep[i]) == 1 && Interlocked.Exchange(ref _asleep[i], 0) == 1)
                _wake[i].Set();
        Take(0);
        Await(tasks);
        if (Interlocked.Exchange(ref _error, null) is { } error)
            ExceptionDispatchInfo.Throw(error);
    }

    public void Dispose()
    {
        _stop = true;
        foreach (var wake in _wake)
            wake.Set();
        foreach (var thread in _threads)
            thread.Join();
        foreach (var wake in _wake)
            wake.Dispose();
        _finished.Dispose();
    }

    private void Take(int worker)
    {
        while (true)
        {
            var ticket = Volatile.Read(ref _ticket);
            var (tasks, next) = ((int)(ticket >> CountBits) & CountMask, (int)ticket & CountMask);
            if (next >= tasks)
                return;
            var work = _work!;
            if (Interlocked.CompareExchange(ref _ticket, ticket + 1, ticket) != ticket)
                continue;
            try
            {
                work.Run(next, worker);
            }
#pragma warning disable CA1031 // Whatever a task throws belongs to the caller of Run.
            catch (Exception error)
#pragma warning restore CA1031
            {
                Interlocked.CompareExchange(ref _error, error, null);
            }

            if (Interlocked.Increment(ref _done) == tasks && Interlocked.Exchange(ref _callerWaits, 0) == 1)
                _finished.Set();
        }
    }

    private void Await(int tasks)
    {
        var start = Stopwatch.GetTimestamp();
        while (Volatile.Read(ref _done) != tasks)
        {
            if (Stopwatch.GetTimestamp() - start < SpinTicks)
            {
                Thread.SpinWait(8);
                continue;
            }

            Interlocked.Exchange(ref _callerWaits, 1);
            // Either the last task sees the flag and sets the event, or it was done before and the flag is taken back.
            if (Volatile.Read(ref _done) == tasks && Interlocked.Exchange(ref _callerWaits, 0) == 1)
                return;
            _finished.WaitOne();
        }
    }

    private void Work(int worker)
    {
        var seen = 0L;
        while (!_stop)
        {
            var start = Stopwatch.GetTimestamp();
            while (Fresh(seen) == seen && !_stop)
            {
                if (Stopwatch.GetTimestamp() - start < SpinTicks)
                {
                    Thread.SpinWait(8);
                    continue;
                }

                Interlocked.Exchange(ref _asleep[worker], 1);
                if ((Fresh(seen) != seen || _stop) && Interlocked.Exchange(ref _asleep[worker], 0) == 1)
                    break;
                _wake[worker].WaitOne();
            }

            seen = Fresh(seen);
            Take(worker);
        }
    }

    private long Fresh(long seen) => Volatile.Read(ref _ticket) >> (2 * CountBits) is var generation && generation != seen ? generation : seen;
}
