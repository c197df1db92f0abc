using System.Threading.Channels;
using AttentionOperator.Runtime.Http;

namespace AttentionOperator.Runtime.Serving;

/// <summary>
/// Threads that tokenize and render, apart from the request threads: a long document delays other documents, never health checks
/// or running streams. Bounded; what does not fit is refused at once.
/// </summary>
internal sealed class TokenizationPool : IDisposable
{
    private const double Weight = 0.05;
    private const double MostSeconds = 60;
    private readonly Channel<Action> _work;
    private readonly Thread[] _threads;
    private readonly int _capacity;
    private readonly TimeProvider _clock;
    private double _secondsPerText = 0.001;

    public TokenizationPool(int threads, int capacity, TimeProvider clock)
    {
        (_capacity, _clock) = (capacity, clock);
        _work = Channel.CreateBounded<Action>(new BoundedChannelOptions(capacity) { SingleReader = threads == 1 });
        _threads = new Thread[threads];
        for (var i = 0; i < threads; i++)
        {
            _threads[i] = new Thread(Work) { IsBackground = true, Name = $"tokenize-{i}" };
            _threads[i].Start();
        }
    }

    /// <summary>Runs the function on one of the threads. Throws the 503 where too much waits already.</summary>
    public Task<T> RunAsync<T>(Func<T> function, CancellationToken cancellationToken)
    {
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Run()
        {
            if (cancellationToken.IsCancellationRequested)
            {
                completion.TrySetCanceled(cancellationToken);
                return;
            }

            var start = _clock.GetTimestamp();
            try
            {
                completion.TrySetResult(function());
            }
            catch (Exception e)
            {
                completion.TrySetException(e);
            }

            // Threads may overwrite each other's last value; it is a mean of many.
            _secondsPerText += Weight * (_clock.GetElapsedTime(start).TotalSeconds - _secondsPerText);
        }

        if (!_work.Writer.TryWrite(Run))
        {
            throw ApiErrors.Unavailable(ErrorReason.TokenizerBusy, $"{_capacity} inputs wait for tokenization, as many as may.", RetryAfter);
        }

        return completion.Task;
    }

    /// <summary>When what waits has been tokenized, at the mean speed of the last texts.</summary>
    private TimeSpan RetryAfter => TimeSpan.FromSeconds(Math.Clamp(Math.Ceiling(_secondsPerText * _capacity / _threads.Length), 1, MostSeconds));

    public void Dispose()
    {
        _work.Writer.TryComplete();
        foreach (var thread in _threads) thread.Join();
    }

    private void Work()
    {
        // A dedicated thread: blocking it is its purpose.
        while (_work.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (_work.Reader.TryRead(out var action)) action();
        }
    }
}
