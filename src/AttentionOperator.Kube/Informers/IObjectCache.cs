using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Kube.Informers;

/// <summary>Read side of an informer. Objects are shared: never change one. All members are safe to call from any thread.</summary>
public interface IObjectCache<T> : IVersionSource
    where T : class
{
    ResourceKind Resource { get; }

    int Count { get; }

    /// <summary>True once the first list is complete; until then absence means nothing.</summary>
    bool HasSynced { get; }

    T? Get(ObjectKey key);

    /// <summary>A snapshot of all objects, in no order.</summary>
    IReadOnlyList<T> List();

    /// <summary>The objects that a named index files under a value, in no order.</summary>
    IReadOnlyList<T> ByIndex(string index, string value);
}
