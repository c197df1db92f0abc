using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Runtime;

namespace AttentionOperator.Gateway.Forwarding;

/// <summary>
/// What proves to runtimes that a request comes from the gateway; without it answers cannot be continued. Follows the root Secret without a restart: while that holds
/// a previous root, both tokens are sent, so that pods which started under either believe the gateway.
/// </summary>
internal sealed class InternalTokens(string? fixedRoot)
{
    private const int MostTokens = 4;
    private const int MostTenants = 10_000;
    private static readonly byte[] OwnKey = RandomNumberGenerator.GetBytes(32);
    private volatile Roots _roots = new(fixedRoot is null ? [] : [fixedRoot]);

    /// <summary>Header value for the runtimes of a namespace; null = there is no root.</summary>
    public string? HeaderFor(string ns) => _roots.HeaderFor(ns);

    /// <summary>
    /// What tells runtimes whose cached prefixes a request may share: the same at every gateway, and nobody can guess it from a tenant's name. Without a root every
    /// gateway has a key of its own; then its replicas share less of the cache.
    /// </summary>
    public string CacheNamespaceOf(string tenant) => _roots.CacheNamespaceOf(tenant);

    /// <summary>Whether a header holds one of a namespace's tokens.</summary>
    public bool Holds(string ns, string header)
    {
        if (HeaderFor(ns) is not { } expected) return false;
        var holds = false;
        foreach (var given in header.Split(',', MostTokens, StringSplitOptions.TrimEntries))
        {
            foreach (var good in expected.Split(", ")) holds |= CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(good));
        }

        return holds;
    }

    /// <summary>Takes the root Secret's data; null: it is gone. A root that was given at the start is not replaced.</summary>
    public void Set(IDictionary<string, byte[]>? data)
    {
        if (fixedRoot is not null) return;
        string?[] roots = [Entry(data, EnvironmentNames.InternalTokenKey), Entry(data, EnvironmentNames.InternalPreviousKey)];
        _roots = new Roots([.. roots.OfType<string>()]);
    }

    public override string ToString() => _roots.Any ? "set" : "none";

    private static string? Entry(IDictionary<string, byte[]>? data, string name) => data is not null && data.TryGetValue(name, out var value) && value.Length > 0 ? Encoding.UTF8.GetString(value) : null;

    private sealed class Roots(IReadOnlyList<string> roots)
    {
        private readonly ConcurrentDictionary<string, string> _headers = new(StringComparer.Ordinal);

        private readonly ConcurrentDictionary<string, string> _tenants = new(StringComparer.Ordinal);

        public string CacheNamespaceOf(string tenant)
        {
            if (_tenants.Count > MostTenants) _tenants.Clear();
            return _tenants.GetOrAdd(tenant, t => Convert.ToHexStringLower(HMACSHA256.HashData(Any ? Encoding.UTF8.GetBytes(roots[0]) : OwnKey, Encoding.UTF8.GetBytes("cache-namespace/" + t)))[..32]);
        }

        public bool Any => roots.Count > 0;

        public string? HeaderFor(string ns) => Any ? _headers.GetOrAdd(ns, n => string.Join(", ", roots.Select(r => InternalTokenDerivation.Derive(r, n)))) : null;
    }
}
