namespace AttentionOperator.Gateway.Admission;

/// <summary>One line for each key that appears, changes or goes: what it may do, never the key or its hash.</summary>
internal sealed partial class KeyAudit(ILogger<KeyAudit> logger)
{
    public void Changed(string secret, IReadOnlyCollection<ApiKey> before, IReadOnlyCollection<ApiKey> after)
    {
        var old = before.ToDictionary(k => k.Id, StringComparer.Ordinal);
        foreach (var key in after)
        {
            old.Remove(key.Id, out var known);
            if (known is null) LogAdded(logger, secret, key.Id, key.Tenant, key.Class.ToString(), ModelsOf(key), key.Limits);
            else if (!known.Hash.AsSpan().SequenceEqual(key.Hash)) LogRotated(logger, secret, key.Id, key.Tenant);
            else if (ModelsOf(known) != ModelsOf(key) || (known.Tenant, known.Class, known.Limits) != (key.Tenant, key.Class, key.Limits)) LogChanged(logger, secret, key.Id, key.Tenant, key.Class.ToString(), ModelsOf(key), key.Limits);
        }

        foreach (var gone in old.Values) LogRemoved(logger, secret, gone.Id, gone.Tenant);
    }

    private static string ModelsOf(ApiKey key) => key.Models is null ? "*" : string.Join(',', key.Models);

    [LoggerMessage(1, LogLevel.Information, "API key {KeyId} of {Secret} was added: tenant {Tenant}, class {Class}, models {Models}, {Limits}")]
    private static partial void LogAdded(ILogger logger, string secret, string keyId, string tenant, string @class, string models, TenantLimits limits);

    [LoggerMessage(2, LogLevel.Information, "API key {KeyId} of {Secret} has a new secret: tenant {Tenant}")]
    private static partial void LogRotated(ILogger logger, string secret, string keyId, string tenant);

    [LoggerMessage(3, LogLevel.Information, "API key {KeyId} of {Secret} was changed: tenant {Tenant}, class {Class}, models {Models}, {Limits}")]
    private static partial void LogChanged(ILogger logger, string secret, string keyId, string tenant, string @class, string models, TenantLimits limits);

    [LoggerMessage(4, LogLevel.Information, "API key {KeyId} of {Secret} was removed: tenant {Tenant}")]
    private static partial void LogRemoved(ILogger logger, string secret, string keyId, string tenant);
}
