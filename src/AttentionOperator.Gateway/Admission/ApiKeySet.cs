using System.Security.Cryptography;

namespace AttentionOperator.Gateway.Admission;

/// <summary>The keys of one Secret.</summary>
internal sealed class ApiKeySet
{
    private readonly Dictionary<ulong, List<ApiKey>> _byPrefix;
    private readonly Dictionary<string, TenantLimits> _limits;

    public ApiKeySet(IReadOnlyCollection<ApiKey> keys)
    {
        Keys = keys;
        _byPrefix = keys.GroupBy(k => BitConverter.ToUInt64(k.Hash)).ToDictionary(g => g.Key, g => g.ToList());
        _limits = keys.GroupBy(k => k.Tenant, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Select(k => k.Limits).Aggregate((a, b) => a.Or(b)), StringComparer.Ordinal);
    }

    public IReadOnlyCollection<ApiKey> Keys { get; }

    /// <summary>
    /// The key's entry. Whole hashes are compared in constant time; the look-up by a part of the hash tells nothing, because nobody can choose the hash of what
    /// is presented.
    /// </summary>
    public ApiKey? Find(ReadOnlySpan<byte> presentedHash)
    {
        if (!_byPrefix.TryGetValue(BitConverter.ToUInt64(presentedHash), out var candidates)) return null;
        foreach (var key in candidates)
        {
            if (CryptographicOperations.FixedTimeEquals(key.Hash, presentedHash)) return key;
        }

        return null;
    }

    /// <summary>The tenant's bounds: the most generous ones of its keys.</summary>
    public TenantLimits LimitsOf(string tenant) => _limits.GetValueOrDefault(tenant, TenantLimits.None);
}
