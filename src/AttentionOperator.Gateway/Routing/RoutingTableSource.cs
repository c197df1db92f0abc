using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Objects;
using k8s.Models;

namespace AttentionOperator.Gateway.Routing;

/// <summary>Holds the current routing table and replaces it, model by model. A change is in the table when <see cref="Apply"/> returns.</summary>
internal sealed class RoutingTableSource(string home)
{
    private readonly EndpointRegistry _registry = new();
    private readonly Dictionary<ObjectKey, ModelRoute> _routes = [];
    private readonly Lock _lock = new();
    private volatile RoutingTable _table = new([], home);

    /// <summary>Raised after a route changed (or went away: null).</summary>
    public event Action<ObjectKey, ModelRoute?>? Changed;

    public RoutingTable Table => _table;

    /// <summary>Routes a model by its newest state; a null model removes it. Both are read under the lock: of two concurrent calls the later sees the newer state.</summary>
    public void Apply(ObjectKey key, Func<AttentionModel?> read, Func<IEnumerable<V1EndpointSlice>> readSlices)
    {
        ModelRoute? route = null;
        lock (_lock)
        {
            if (read() is { } model) _routes[key] = route = ModelRouteBuilder.Build(model, readSlices(), _registry);
            else if (!_routes.Remove(key)) return;
            _table = new RoutingTable([.. _routes.Values], home);
            _registry.Retain(_routes.Values.SelectMany(r => r.Revisions).SelectMany(r => r.Endpoints).ToHashSet());
        }

        Changed?.Invoke(key, route);
    }
}
