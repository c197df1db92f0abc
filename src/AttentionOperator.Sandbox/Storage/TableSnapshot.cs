using System.Collections.Immutable;

namespace AttentionOperator.Sandbox.Storage;

/// <summary>The objects of one resource at one moment, by namespace and name in ordinal order.</summary>
internal sealed class TableSnapshot
{
    private readonly ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, StoredObject>> _namespaces;

    private TableSnapshot(ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, StoredObject>> namespaces, int count)
    {
        _namespaces = namespaces;
        Count = count;
    }

    public static TableSnapshot Empty { get; } = new(ImmutableSortedDictionary.Create<string, ImmutableSortedDictionary<string, StoredObject>>(StringComparer.Ordinal), 0);

    public int Count { get; }

    public StoredObject? Find(string ns, string name) =>
        _namespaces.TryGetValue(ns, out var objects) && objects.TryGetValue(name, out var found) ? found : null;

    /// <summary>All objects, or those of one namespace.</summary>
    public IEnumerable<StoredObject> Objects(string? ns) => ns is null
        ? _namespaces.Values.SelectMany(n => n.Values)
        : _namespaces.TryGetValue(ns, out var objects) ? objects.Values : [];

    public TableSnapshot With(StoredObject obj)
    {
        var objects = _namespaces.GetValueOrDefault(obj.Namespace) ?? ImmutableSortedDictionary.Create<string, StoredObject>(StringComparer.Ordinal);
        var added = objects.ContainsKey(obj.Name) ? 0 : 1;
        return new TableSnapshot(_namespaces.SetItem(obj.Namespace, objects.SetItem(obj.Name, obj)), Count + added);
    }

    public TableSnapshot Without(StoredObject obj)
    {
        if (!_namespaces.TryGetValue(obj.Namespace, out var objects) || !objects.ContainsKey(obj.Name)) return this;
        var rest = objects.Remove(obj.Name);
        return new TableSnapshot(rest.IsEmpty ? _namespaces.Remove(obj.Namespace) : _namespaces.SetItem(obj.Namespace, rest), Count - 1);
    }
}
