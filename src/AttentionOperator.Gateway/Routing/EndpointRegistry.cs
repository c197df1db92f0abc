using System.Collections.Concurrent;

namespace AttentionOperator.Gateway.Routing;

/// <summary>Keeps one <see cref="RuntimeEndpoint"/> per pod and address over rebuilds of the routing table.</summary>
internal sealed class EndpointRegistry
{
    private readonly ConcurrentDictionary<(string Address, int Port, string Pod), RuntimeEndpoint> _endpoints = new();

    public RuntimeEndpoint Get(string address, int port, string pod) =>
        _endpoints.GetOrAdd((address, port, pod), static key => new RuntimeEndpoint(key.Address, key.Port, key.Pod));

    /// <summary>Forgets endpoints that no route names; requests in flight keep their own reference.</summary>
    public void Retain(IReadOnlySet<RuntimeEndpoint> used)
    {
        foreach (var (key, endpoint) in _endpoints)
        {
            if (!used.Contains(endpoint)) _endpoints.TryRemove(key, out _);
        }
    }
}
