using System.Collections.Immutable;
using AttentionOperator.Gateway.Routing;

namespace AttentionOperator.Gateway.Balancing;

/// <summary>
/// Chooses the endpoint of a request: where its prompt's beginning is likely to be cached, as long as that endpoint carries no more than a quarter above its
/// share (rendezvous hashing with bounded load, Mirrokni et al. 2016); else fewest outstanding tokens, equals by turn.
/// </summary>
internal static class EndpointPicker
{
    private const double LoadFactor = 1.25;
    private static uint _turn;

    /// <param name="endpoints">Ready endpoints of the revision.</param>
    /// <param name="tried">Endpoints that this request has already failed on.</param>
    /// <param name="slots">Requests that one endpoint may have in flight.</param>
    /// <param name="prefix">Hash of the prompt's beginning; 0 = none.</param>
    /// <param name="tokens">Weight of the request.</param>
    /// <param name="now">Ejected endpoints are left out, unless all are.</param>
    /// <returns>Null when every endpoint was tried or has no free slot.</returns>
    public static RuntimeEndpoint? Pick(ImmutableArray<RuntimeEndpoint> endpoints, IReadOnlyCollection<RuntimeEndpoint> tried, int slots, ulong prefix, long tokens, DateTimeOffset now)
    {
        var anyAvailable = false;
        long total = tokens;
        foreach (var endpoint in endpoints)
        {
            anyAvailable |= !endpoint.IsEjected(now) && !endpoint.Refuses(now) && !tried.Contains(endpoint);
            total += endpoint.OutstandingTokens;
        }

        var bound = LoadFactor * total / endpoints.Length;
        RuntimeEndpoint? least = null, preferred = null;
        var (leastTokens, bestScore) = (long.MaxValue, 0UL);
        var start = (int)(Interlocked.Increment(ref _turn) % (uint)Math.Max(1, endpoints.Length));
        for (var i = 0; i < endpoints.Length; i++)
        {
            var endpoint = endpoints[(start + i) % endpoints.Length];
            if (endpoint.InFlight >= slots || endpoint.Refuses(now) || tried.Contains(endpoint) || (anyAvailable && endpoint.IsEjected(now))) continue;
            var outstanding = endpoint.OutstandingTokens;
            if (outstanding < leastTokens) (least, leastTokens) = (endpoint, outstanding);
            if (prefix == 0 || (outstanding > 0 && outstanding + tokens > bound)) continue;
            var score = Mix(prefix ^ endpoint.HashSeed);
            if (preferred is null || score > bestScore) (preferred, bestScore) = (endpoint, score);
        }

        return preferred ?? least;
    }

    /// <summary>The finalizer of SplitMix64: neighbouring inputs give unrelated outputs.</summary>
    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
