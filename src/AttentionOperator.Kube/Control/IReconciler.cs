namespace AttentionOperator.Kube.Control;

/// <summary>
/// Brings the world of one key to what its spec says. It gets the key alone, never an event: it reads what is true now and may be called at any time, any number of times.
/// It is never called twice at once for one key.
/// </summary>
public interface IReconciler<in TKey>
{
    ValueTask<ReconcileResult> ReconcileAsync(TKey key, CancellationToken cancellation);
}
