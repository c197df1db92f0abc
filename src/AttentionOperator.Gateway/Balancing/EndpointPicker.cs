using System.Collections.Immutable;
using AttentionOperator.Gateway.Routing;

namespace AttentionOperator.Gateway.Balancing;

/// <summary>Chooses the endpoint of a request: fewest outstanding tokens; equals by turn.</summary>
internal static class EndpointPicker
{
    private static uint _turn;

    /// <param name="endpoints">Ready endpoints of the revision.</param>
    /// <param name="tried">Endpoints that this request has already failed on.</param>
    /// <returns>Null when every endpoint was tried.</returns>
    public static RuntimeEndpoint? Pick(ImmutableArray<RuntimeEndpoint> endpoints, IReadOnlyCollection<RuntimeEndpoint> tried)
    {
        RuntimeEndpoint? best = null;
        var bestTokens = long.MaxValue;
        var start = (int)(Interlocked.Increment(ref _turn) % (uint)Math.Max(1, endpoints.Length));
        for (var i = 0; i < endpoints.Length; i++)
        {
            var endpoint = endpoints[(start + i) % endpoints.Length];
            var tokens = endpoint.OutstandingTokens;
            if (tokens >= bestTokens || tried.Contains(endpoint)) continue;
            (best, bestTokens) = (endpoint, tokens);
        }

        return best;
    }
}
