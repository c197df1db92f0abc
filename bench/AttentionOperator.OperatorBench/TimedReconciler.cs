using System.Collections.Concurrent;
using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.OperatorBench;

/// <summary>Notes how long each reconcile takes, and tells when a number of them is done.</summary>
internal sealed class TimedReconciler(IReconciler<ObjectKey> inner, int count) : IReconciler<ObjectKey>
{
    private readonly ConcurrentQueue<double> milliseconds = new();
    private readonly TaskCompletionSource all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int done;

    public IReadOnlyCollection<double> Milliseconds => milliseconds;

    public Task All => all.Task;

    public async ValueTask<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        var start = TimeProvider.System.GetTimestamp();
        var result = await inner.ReconcileAsync(key, cancellation);
        milliseconds.Enqueue(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
        if (Interlocked.Increment(ref done) == count)
        {
            all.SetResult();
        }

        return result;
    }
}
