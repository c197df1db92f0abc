namespace AttentionOperator.Kube.Tests.Support;

/// <summary>A growing list whose growth can be awaited.</summary>
internal sealed class Observed<T>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Lock gate = new();
    private readonly List<T> items = [];
    private TaskCompletionSource grown = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<T> Items
    {
        get
        {
            lock (gate)
            {
                return [.. items];
            }
        }
    }

    public void Add(T item)
    {
        TaskCompletionSource signal;
        lock (gate)
        {
            items.Add(item);
            signal = grown;
            grown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        signal.SetResult();
    }

    public Task<T> FirstAsync(Func<T, bool> matches) => NthAsync(1, matches);

    public async Task<T> NthAsync(int n, Func<T, bool> matches)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            Task next;
            lock (gate)
            {
                List<T> found = items.FindAll(i => matches(i));
                if (found.Count >= n)
                {
                    return found[n - 1];
                }

                next = grown.Task;
            }

            try
            {
                await next.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"{n} matching items were expected; there are {Items.Count} items: {string.Join("; ", Items.TakeLast(20))}");
            }
        }
    }
}
