using AttentionOperator.Kube.Objects;
using AttentionOperator.Kube.Queues;

namespace AttentionOperator.Kube.Informers;

/// <summary>A change of the cache. <see cref="Old"/> is null for an addition, <see cref="New"/> for a deletion.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Key">The object.</param>
/// <param name="Old">As the cache had it before.</param>
/// <param name="New">As the cache has it now.</param>
/// <param name="IsInitial">Part of the first list or of a late handler's replay, not a live change.</param>
public readonly record struct InformerEvent<T>(InformerEventKind Kind, ObjectKey Key, T? Old, T? New, bool IsInitial)
    where T : class
{
    /// <summary>The object in its newest known state.</summary>
    public T Object => New ?? Old!;

    /// <summary>Where the work that this event causes belongs in the queue.</summary>
    public WorkPriority Priority => IsInitial || Kind == InformerEventKind.Resync ? WorkPriority.Background : WorkPriority.Live;
}
