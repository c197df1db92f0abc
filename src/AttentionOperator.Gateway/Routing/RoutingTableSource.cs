using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Objects;
using k8s.Models;

namespace AttentionOperator.Gateway.Routing;

/// <summary>Writes the routing table, model by model. A change is in the table when <see cref="Apply"/> returns.</summary>
internal sealed class RoutingTableSource(string home)
{
    private readonly Lock _lock = new();

    /// <summary>Raised after a route changed (or went away: null).</summary>
    public event Action<ObjectKey, ModelRoute?>? Changed;

    public RoutingTable Table { get; } = new(home);

    /// <summary>Routes a model by its newest state; a null model removes it. Both are read under the lock: of two concurrent calls the later sees the newer state.</summary>
    public void Apply(ObjectKey key, Func<AttentionModel?> read, Func<IEnumerable<V1EndpointSlice>> readSlices)
    {
        ModelRoute? route;
        lock (_lock)
        {
            var previous = Table.Get(key);
            route = read() is { } model ? ModelRouteBuilder.Build(model, readSlices(), previous) : null;
            if (route is null && previous is null) return;
            Table.Set(key, route);
        }

        Changed?.Invoke(key, route);
    }
}
