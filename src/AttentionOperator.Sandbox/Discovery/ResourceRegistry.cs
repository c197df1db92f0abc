using System.Collections.Concurrent;

namespace AttentionOperator.Sandbox.Discovery;

/// <summary>All served resources. Built-in ones are there from the start; those of CustomResourceDefinitions come and go.</summary>
internal sealed class ResourceRegistry
{
    private readonly ConcurrentDictionary<(string Group, string Version, string Plural), ResourceDefinition> _resources = new();
    private int _generation;

    /// <summary>Rises with every change, so that documents derived from the registry can be cached.</summary>
    public int Generation => Volatile.Read(ref _generation);

    public IEnumerable<ResourceDefinition> All => _resources.Values;

    public ResourceDefinition? Find(string group, string version, string plural) =>
        _resources.GetValueOrDefault((group, version, plural));

    public ResourceDefinition? FindKind(string apiVersion, string kind) =>
        _resources.Values.FirstOrDefault(r => r.Kind == kind && r.ApiVersion == apiVersion);

    /// <summary>The resource in whichever version is preferred.</summary>
    public ResourceDefinition? FindAnyVersion(string group, string plural) =>
        _resources.Values.Where(r => r.Group == group && r.Plural == plural)
            .OrderBy(r => r.Version, VersionOrder.Instance).FirstOrDefault();

    public void Add(ResourceDefinition resource)
    {
        _resources[(resource.Group, resource.Version, resource.Plural)] = resource;
        Interlocked.Increment(ref _generation);
    }

    public void Remove(string group, string plural, Func<string, bool>? keepVersion = null)
    {
        foreach (var key in _resources.Keys)
        {
            if (key.Group == group && key.Plural == plural && keepVersion?.Invoke(key.Version) != true)
                _resources.TryRemove(key, out _);
        }

        Interlocked.Increment(ref _generation);
    }

    public bool HasGroupVersion(string group, string version) => _resources.Keys.Any(k => k.Group == group && k.Version == version);
}
