using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Leases;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Secrets;

/// <summary>
/// Sees to it that runtimes and gateways share a token, so that an answer whose pod dies goes on elsewhere: makes the root Secret once, and in each namespace of
/// models the Secret that is derived from it. Looks again after a while, so that a changed root reaches every namespace; between two looks it costs nothing.
/// Models do not wait for it: without permission they run, and answers are not continued.
/// </summary>
/// <param name="api">Client.</param>
/// <param name="home">The operator's own namespace.</param>
/// <param name="time">Clock.</param>
/// <param name="logger">Log.</param>
internal sealed partial class InternalTokenKeeper(KubeApi api, string home, TimeProvider time, ILogger<InternalTokenKeeper> logger)
{
    private const int RootBytes = 32;
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromMinutes(1);
    private static readonly ResourceKind Secrets = new("", "v1", "secrets", "Secret");
    private readonly ConcurrentDictionary<string, DateTimeOffset> lookAgainAt = new(StringComparer.Ordinal);

    /// <summary>Called before pods of the namespace are made, because a pod reads the Secret when it starts.</summary>
    public async Task EnsureAsync(string ns, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (lookAgainAt.TryGetValue(ns, out var due) && now < due)
        {
            return;
        }

        try
        {
            var root = await RootAsync(cancellation);
            await DeriveAsync(ns, InternalTokenDerivation.Derive(root, ns), cancellation);
            lookAgainAt[ns] = now + LookAgainAfter;
        }
        catch (Exception e) when (e is KubeApiException or HttpRequestException or FormatException or NotLeadingException)
        {
            lookAgainAt[ns] = now + TryAgainAfter;
            LogFailed(logger, ns, e.Message);
        }
    }

    private async Task<string> RootAsync(CancellationToken cancellation)
    {
        var key = new ObjectKey(home, EnvironmentNames.InternalRootSecret);
        var root = await api.GetAsync(Secrets, key, cancellation);
        if (root is null)
        {
            var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RootBytes));
            // Another operator may be faster; then its root counts.
            root = await api.CreateOnceAsync(Secrets, home, Document(key, token), cancellation) ?? await api.GetAsync(Secrets, key, cancellation);
        }

        return root is not null && Entry(root) is { Length: > 0 } value
            ? value
            : throw new FormatException($"the Secret {key} has no entry '{EnvironmentNames.InternalTokenKey}'");
    }

    private async Task DeriveAsync(string ns, string token, CancellationToken cancellation)
    {
        var key = new ObjectKey(ns, EnvironmentNames.InternalTokenSecret);
        var live = await api.GetAsync(Secrets, key, cancellation);
        if (live is null)
        {
            await api.CreateOnceAsync(Secrets, ns, Document(key, token), cancellation);
        }
        else if (live.Label(LabelNames.AppManagedBy) != LabelNames.Product)
        {
            LogForeign(logger, key.ToString());
        }
        else if (Entry(live) != token)
        {
            await api.MergePatchAsync(Secrets, key, JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["data"] = Data(token) }), null, cancellation);
        }
    }

    private static byte[] Document(ObjectKey key, string token) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["metadata"] = new JsonObject
        {
            ["name"] = key.Name,
            ["namespace"] = key.Namespace,
            ["labels"] = new JsonObject { [LabelNames.AppManagedBy] = LabelNames.Product, [LabelNames.AppPartOf] = LabelNames.Product },
        },
        ["type"] = "Opaque",
        ["data"] = Data(token),
    });

    private static JsonObject Data(string token) => new() { [EnvironmentNames.InternalTokenKey] = Convert.ToBase64String(Encoding.UTF8.GetBytes(token)) };

    private static string? Entry(KubeObject secret)
    {
        using var document = secret.Parse();
        return document.RootElement.TryGetProperty("data", out var data) && data.TryGetProperty(EnvironmentNames.InternalTokenKey, out var value) && value.ValueKind == JsonValueKind.String
            ? Encoding.UTF8.GetString(value.GetBytesFromBase64())
            : null;
    }

    [LoggerMessage(1, LogLevel.Warning, "Answers of models in {Namespace} cannot be continued on another pod, because their token could not be written: {Problem}")]
    private static partial void LogFailed(ILogger logger, string @namespace, string problem);

    [LoggerMessage(2, LogLevel.Warning, "The Secret {Secret} is not the operator's and is left as it is; answers are only continued where its token is the derived one")]
    private static partial void LogForeign(ILogger logger, string secret);
}
