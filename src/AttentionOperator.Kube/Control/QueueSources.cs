using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Kube.Queues;

namespace AttentionOperator.Kube.Control;

/// <summary>What brings a key into a queue.</summary>
public static class QueueSources
{
    /// <summary>Every change of an object brings its own key.</summary>
    /// <param name="queue">Queue of object keys.</param>
    /// <param name="informer">Source.</param>
    /// <param name="matters">Tells changes that need work from those that need none; null takes all.</param>
    public static IDisposable AddFrom<T>(this WorkQueue<ObjectKey> queue, SharedInformer<T> informer, Func<InformerEvent<T>, bool>? matters = null)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentNullException.ThrowIfNull(informer);
        return informer.AddHandler(change =>
        {
            if (matters is null || matters(change))
            {
                queue.Add(change.Key, change.Priority);
            }
        });
    }

    /// <summary>Every change of a child brings the key of its controlling owner, before and after the change.</summary>
    /// <param name="queue">Queue of the owners' keys.</param>
    /// <param name="children">Source.</param>
    /// <param name="ownerKind">Kind of the owners, for example <c>Deployment</c>.</param>
    public static IDisposable AddOwnersFrom<T>(this WorkQueue<ObjectKey> queue, SharedInformer<T> children, string ownerKind)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentNullException.ThrowIfNull(children);
        return children.AddHandler(change =>
        {
            AddOwners(change.New, change);
            if (!ReferenceEquals(change.Old, change.New))
            {
                AddOwners(change.Old, change);
            }
        });

        void AddOwners(T? child, InformerEvent<T> change)
        {
            if (child is null)
            {
                return;
            }

            foreach (ObjectOwner owner in children.OwnersOf(child))
            {
                if (owner.IsController && string.Equals(owner.Kind, ownerKind, StringComparison.Ordinal))
                {
                    queue.Add(new ObjectKey(change.Key.Namespace, owner.Name), change.Priority);
                }
            }
        }
    }
}
