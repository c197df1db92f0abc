using System.Threading.Channels;
using AttentionOperator.Runtime.Http;

namespace AttentionOperator.Runtime.Serving;

/// <summary>
/// Threads that tokenize and render, apart from the request threads: a long document delays other documents, never health checks
/// or running streams. Bounded; what does not fit is refused at once.
/// </summary>
internal sealed class TokenizationPool : IDisposable
{
    private readonly Channel<Action> _work;
    private readonly Thread[] _threads;

    public TokenizationPool(int threads, int capacity)
    {
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

            try
            {
                completion.TrySetResult(function());
            }
            catch (Exception e)
            {
                completion.TrySetException(e);
            }
        }

        if (!_work.Writer.TryWrite(Run))
        {
            throw ApiErrors.Unavailable(ErrorReason.TokenizerBusy, "Too many inputs wait for tokenization.", TimeSpan.FromSeconds(1));
        }

        return completion.Task;
    }

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
