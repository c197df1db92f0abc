using System.Collections.Concurrent;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Gateway.Admission;

/// <summary>The API keys of all watched Secrets.</summary>
internal sealed partial class ApiKeyStore(KeyAudit audit, ILogger<ApiKeyStore> logger)
{
    private readonly ConcurrentDictionary<ObjectKey, ApiKeySet> _secrets = new();

    public ApiKeySet? Get(ObjectKey secret) => _secrets.GetValueOrDefault(secret);

    /// <summary>The tenant's bounds; none where the Secret is gone.</summary>
    public TenantLimits LimitsOf(string scope, string tenant) => SetOf(scope)?.LimitsOf(tenant) ?? TenantLimits.None;

    /// <summary>The keys of the Secret of this name (<c>namespace/name</c>).</summary>
    public ApiKeySet? SetOf(string scope) => _secrets.FirstOrDefault(s => s.Key.ToString() == scope).Value;

    /// <summary>A key, whichever Secret it is in.</summary>
    public (string Scope, ApiKey Key)? Find(ReadOnlySpan<byte> presentedHash)
    {
        foreach (var (secret, keys) in _secrets)
        {
            if (keys.Find(presentedHash) is { } key) return (secret.ToString(), key);
        }

        return null;
    }

    /// <summary>Takes a Secret's data; null: the Secret is gone. An entry that cannot be read is no key: it fails closed, and the others stay.</summary>
    public void Set(ObjectKey secret, IEnumerable<KeyValuePair<string, byte[]>>? data)
    {
        var before = Get(secret);
        if (data is null)
        {
            _secrets.TryRemove(secret, out _);
            audit.Changed(secret.ToString(), before?.Keys ?? [], []);
            return;
        }

        List<ApiKey> keys = [];
        foreach (var (id, value) in data)
        {
            try
            {
                keys.Add(ApiKey.Parse(id, value));
            }
            catch (FormatException e)
            {
                LogUnreadable(logger, secret.ToString(), id, e.Message);
            }
        }

        _secrets[secret] = new ApiKeySet(keys);
        audit.Changed(secret.ToString(), before?.Keys ?? [], keys);
    }

    [LoggerMessage(1, LogLevel.Error, "API key {Id} of Secret {Secret} is ignored: {Problem}")]
    private static partial void LogUnreadable(ILogger logger, string secret, string id, string problem);
}
