using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Operations;
using AttentionOperator.Sandbox.Storage;

namespace AttentionOperator.Sandbox.Aggregation;

/// <summary>Keeps which group versions APIServices hand to other servers, and the Available condition.</summary>
internal sealed class ApiServiceRegistry(ApiServices services) : ICommitObserver
{
    private const string Table = "apiregistration.k8s.io/apiservices";
    private readonly ConcurrentDictionary<string, AggregatedApi> _apis = new(StringComparer.Ordinal);

    public IReadOnlyCollection<AggregatedApi> All => [.. _apis.Values];

    public AggregatedApi? Find(string group, string version) => _apis.GetValueOrDefault($"{version}.{group}");

    public void Restore()
    {
        foreach (var stored in services.Context.Store.Snapshot(Table).Objects(null)) Register(stored.Parse());
    }

    public async Task CommittedAsync(ResourceDefinition resource, ChangeKind kind, StoredObject stored)
    {
        if (resource.StorageKey != Table) return;
        if (kind == ChangeKind.Deleted)
        {
            _apis.TryRemove(stored.Name, out _);
            return;
        }

        var service = stored.Parse();
        Register(service);
        if ((service.At("status", "conditions") as JsonArray).Objects().Any(c => c.Text("type") == "Available")) return;
        await services.Writer.ChangeAsync(resource, null, stored.Name, "status", live =>
        {
            var local = live.At("spec", "service") is null;
            live.Ensure("status")["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "Available",
                ["status"] = "True",
                ["lastTransitionTime"] = ObjectMeta.Time(services.Context.Clock.GetUtcNow()),
                ["reason"] = local ? "Local" : "Passed",
                ["message"] = local ? "Local APIServices are always available" : "all checks passed",
            });
            return live;
        }, WriteOptions.Default with { FieldManager = "kube-apiserver" }, applying: false).ConfigureAwait(false);
    }

    private void Register(JsonObject apiService)
    {
        var spec = apiService.Object("spec");
        if (spec.Object("service") is not { } service)
        {
            _apis.TryRemove(apiService.Name()!, out _);
            return;
        }

        _apis[apiService.Name()!] = new AggregatedApi(spec.Text("group") ?? "", spec.Text("version") ?? "",
            new ServiceTarget(service.Text("namespace") ?? "", service.Text("name") ?? "", (int)(service.Integer("port") ?? 443)),
            spec.Text("caBundle") is { Length: > 0 } ca ? Convert.FromBase64String(ca) : null, spec.Flag("insecureSkipTLSVerify") ?? false);
    }
}
