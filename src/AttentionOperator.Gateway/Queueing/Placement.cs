using AttentionOperator.Gateway.Routing;

namespace AttentionOperator.Gateway.Queueing;

/// <summary>A slot on an endpoint, held until it is disposed.</summary>
internal sealed class Placement(ModelQueue queue, ModelRoute route, RevisionRoute revision, RuntimeEndpoint endpoint, long tokens) : IDisposable
{
    private int _released;

    public ModelRoute Route { get; } = route;

    public RevisionRoute Revision { get; } = revision;

    public RuntimeEndpoint Endpoint { get; } = endpoint;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _released, 1) != 0) return;
        Endpoint.End(tokens);
        queue.Released();
    }
}
