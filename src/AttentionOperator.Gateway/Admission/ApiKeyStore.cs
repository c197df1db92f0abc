using System.Collections.Concurrent;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Gateway.Admission;

/// <summary>The API keys of all watched Secrets.</summary>
internal sealed partial class ApiKeyStore(ILogger<ApiKeyStore> logger)
{
    private readonly ConcurrentDictionary<ObjectKey, ApiKeySet> _secrets = new();

    public ApiKeySet? Get(ObjectKey secret) => _secrets.GetValueOrDefault(secret);

    /// <summary>Takes a Secret's data; null: the Secret is gone. An entry that cannot be read is no key: it fails closed, and the others stay.</summary>
    public void Set(ObjectKey secret, IEnumerable<KeyValuePair<string, byte[]>>? data)
    {
        if (data is null)
        {
            _secrets.TryRemove(secret, out _);
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
    }

    [LoggerMessage(1, LogLevel.Error, "API key {Id} of Secret {Secret} is ignored: {Problem}")]
    private static partial void LogUnreadable(ILogger logger, string secret, string id, string problem);
}
