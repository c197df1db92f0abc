using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;

namespace AttentionOperator.Sandbox.Builtins;

/// <summary>What a fresh cluster has: the system namespaces, their default service accounts, the API's own Service, the priority classes.</summary>
internal static class InitialObjects
{
    public static async Task EnsureAsync(ApiServices services)
    {
        foreach (var ns in (string[])["default", "kube-system", "kube-public", "kube-node-lease"])
            await EnsureAsync(services, "", "namespaces", null, new JsonObject { ["metadata"] = new JsonObject { ["name"] = ns } }).ConfigureAwait(false);
        foreach (var ns in (string[])["default", "kube-system"])
            await EnsureAsync(services, "", "serviceaccounts", ns, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "default" } }).ConfigureAwait(false);
        await EnsureAsync(services, "", "services", "default", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "kubernetes", ["labels"] = new JsonObject { ["component"] = "apiserver", ["provider"] = "kubernetes" } },
            ["spec"] = new JsonObject
            {
                ["clusterIP"] = "10.96.0.1",
                ["ports"] = new JsonArray(new JsonObject { ["name"] = "https", ["port"] = 443, ["protocol"] = "TCP", ["targetPort"] = 6443 }),
            },
        }).ConfigureAwait(false);
        foreach (var (name, value) in (IEnumerable<(string, int)>)[("system-node-critical", 2000001000), ("system-cluster-critical", 2000000000)])
            await EnsureAsync(services, "scheduling.k8s.io", "priorityclasses", null, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name }, ["value"] = value }).ConfigureAwait(false);
    }

    private static async Task EnsureAsync(ApiServices services, string group, string plural, string? ns, JsonObject obj)
    {
        var resource = services.Context.Registry.Find(group, "v1", plural)!;
        var name = obj["metadata"]!["name"]!.GetValue<string>();
        if (services.Context.Store.Find(resource.StorageKey, ns ?? "", name) is not null) return;
        await services.Writer.CreateAsync(resource, ns, obj, WriteOptions.Default with { FieldManager = "kube-apiserver" }).ConfigureAwait(false);
    }
}
