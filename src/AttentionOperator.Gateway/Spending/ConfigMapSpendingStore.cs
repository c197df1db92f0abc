using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Api.Naming;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Gateway.Spending;

/// <summary>A ConfigMap in the gateway's namespace. Two gateways that add at the same moment are told apart by its version, and the second adds to what the first wrote.</summary>
internal sealed class ConfigMapSpendingStore(KubeApi api, string ns, TimeProvider time) : ISpendingStore
{
    public const string Name = "attention-gateway-spending";
    private const string Entry = "spending.json";
    private const int MostTries = 16;
    private const int LongestPauseMilliseconds = 20;
    private static readonly ResourceKind ConfigMaps = new("", "v1", "configmaps", "ConfigMap");

    public async Task<SpendingRecord> AddAsync(SpendingRecord spent, CancellationToken cancellation)
    {
        var key = new ObjectKey(ns, Name);
        for (var attempt = 1; ; attempt++)
        {
            var live = await api.GetAsync(ConfigMaps, key, cancellation);
            var (version, stored) = live is null ? (null, new SpendingRecord()) : Read(live);
            var sum = stored.Plus(spent, time.GetUtcNow());
            if (spent.IsEmpty) return sum;
            try
            {
                var json = JsonSerializer.SerializeToUtf8Bytes(Document(key, version, sum));
                if (live is null) await api.CreateAsync(ConfigMaps, ns, json, cancellation);
                else await api.ReplaceAsync(ConfigMaps, key, json, null, cancellation);
                return sum;
            }
            catch (KubeApiException e) when (e.IsConflict && attempt < MostTries)
            {
                // Another gateway was faster; those that meet once should not meet again.
                await Task.Delay(RandomNumberGenerator.GetInt32(1, LongestPauseMilliseconds * attempt), cancellation);
            }
        }
    }

    private static (string? Version, SpendingRecord Record) Read(KubeObject live)
    {
        using var document = live.Parse();
        var version = document.RootElement.GetProperty("metadata").GetProperty("resourceVersion").GetString();
        return document.RootElement.TryGetProperty("data", out var data) && data.TryGetProperty(Entry, out var json) ? (version, SpendingRecord.Parse(json.GetString()!)) : (version, new SpendingRecord());
    }

    private static JsonObject Document(ObjectKey key, string? version, SpendingRecord record) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject
        {
            ["name"] = key.Name,
            ["namespace"] = key.Namespace,
            ["resourceVersion"] = version,
            ["labels"] = new JsonObject { [LabelNames.AppPartOf] = LabelNames.Product, [LabelNames.AppComponent] = LabelNames.GatewayComponent },
        },
        ["data"] = new JsonObject { [Entry] = record.ToJson() },
    };
}
