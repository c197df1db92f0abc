using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Operations;
using AttentionOperator.Sandbox.Storage;

namespace AttentionOperator.Sandbox.Aggregation;

/// <summary>Keeps which group versions APIServices hand to other servers.</summary>
internal sealed class ApiServiceRegistry(ApiServices services) : ICommitObserver
{
    private readonly ConcurrentDictionary<string, AggregatedApi> _apis = new(StringComparer.Ordinal);

    public IReadOnlyCollection<AggregatedApi> All => [.. _apis.Values];

    public AggregatedApi? Find(string group, string version) => _apis.GetValueOrDefault($"{version}.{group}");

    public void Restore()
    {
        foreach (var stored in services.Context.Store.Snapshot(ApiServiceProbes.StorageKey).Objects(null))
        {
            Register(stored.Parse());
            services.Probes.Add(stored.Name);
        }
    }

    public Task CommittedAsync(ResourceDefinition resource, ChangeKind kind, StoredObject stored)
    {
        if (resource.StorageKey is "/services" or "discovery.k8s.io/endpointslices")
        {
            var service = resource.StorageKey == "/services" ? stored.Name : stored.Labels.GetValueOrDefault("kubernetes.io/service-name");
            foreach (var (name, _) in _apis.Where(a => a.Value.Service.Namespace == stored.Namespace && a.Value.Service.Name == service)) services.Probes.Add(name);
        }

        if (resource.StorageKey != ApiServiceProbes.StorageKey) return Task.CompletedTask;
        if (kind == ChangeKind.Deleted)
        {
            _apis.TryRemove(stored.Name, out _);
            return Task.CompletedTask;
        }

        Register(stored.Parse());
        services.Probes.Add(stored.Name);
        return Task.CompletedTask;
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
