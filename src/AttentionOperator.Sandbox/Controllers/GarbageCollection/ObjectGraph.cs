using System.Collections.Concurrent;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Sandbox.Controllers.GarbageCollection;

/// <summary>Metadata of all objects of all kinds, with the edges from owner to dependent.</summary>
internal sealed class ObjectGraph(InformerFactory informers, Action<InformerEvent<KubeObject>, ResourceKind> changed) : IDisposable
{
    private readonly ConcurrentDictionary<string, (SharedInformer<KubeObject> Informer, CancellationTokenSource Stop)> _kinds = new(StringComparer.Ordinal);

    public bool HasSynced => _kinds.Values.All(k => k.Informer.HasSynced);

    /// <summary>Follows exactly these kinds; those that are gone are dropped.</summary>
    public void Follow(IReadOnlyList<ResourceKind> resources, bool complete, CancellationToken cancellationToken)
    {
        var wanted = resources.Select(r => r.FullName).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in complete ? _kinds.Keys.Where(k => !wanted.Contains(k)).ToList() : [])
        {
            if (_kinds.TryRemove(gone, out var kind))
            {
                kind.Stop.Cancel();
                kind.Stop.Dispose();
            }
        }

        foreach (var resource in resources.Where(r => !_kinds.ContainsKey(r.FullName)))
        {
            var informer = informers.Json(resource, new InformerOptions<KubeObject> { Trim = WithoutBody });
            informer.AddHandler(change => changed(change, resource));
            var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            _kinds[resource.FullName] = (informer, stop);
            _ = informer.RunAsync(stop.Token);
        }
    }

    public KubeObject? Get(ResourceKind resource, ObjectKey key) =>
        _kinds.TryGetValue(resource.FullName, out var kind) ? kind.Informer.Get(key) : null;

    /// <summary>
    /// True where the cache shows the owner, and that it stays. Such a dependent needs no look: when the owner goes, its event brings all dependents.
    /// </summary>
    public bool IsHeldBy(ObjectOwner owner, string @namespace)
    {
        foreach (var (_, kind) in _kinds)
        {
            var resource = kind.Informer.Resource;
            if (resource.Kind == owner.Kind
                && kind.Informer.Get(resource.Namespaced ? new ObjectKey(@namespace, owner.Name) : ObjectKey.Cluster(owner.Name)) is { IsDeleting: false } found
                && found.Uid == owner.Uid)
            {
                return true;
            }
        }

        return false;
    }

    public IEnumerable<KubeObject> Dependents(string uid) => _kinds.Values.SelectMany(k => k.Informer.ByIndex(IndexNames.Owner, uid));

    /// <summary>The followed resource of a reference's kind, whatever version it is written in.</summary>
    public ResourceKind? Resource(string apiVersion, string kind)
    {
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        var group = slash < 0 ? string.Empty : apiVersion[..slash];
        return _kinds.Values.Select(k => k.Informer.Resource).FirstOrDefault(r => r.Group == group && r.Kind == kind);
    }

    public IEnumerable<ResourceKind> ResourcesOfKind(string kind) => _kinds.Values.Select(k => k.Informer.Resource).Where(r => r.Kind == kind);

    public void Dispose()
    {
        foreach (var kind in _kinds.Values)
        {
            kind.Stop.Dispose();
        }
    }

    private static KubeObject WithoutBody(KubeObject value) => new()
    {
        Resource = value.Resource,
        Identity = value.Identity,
        Generation = value.Generation,
        IsDeleting = value.IsDeleting,
        Labels = [],
        Owners = value.Owners,
        Json = default,
    };
}
