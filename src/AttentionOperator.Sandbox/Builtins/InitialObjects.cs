using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;

namespace AttentionOperator.Sandbox.Builtins;

/// <summary>What a fresh cluster has: the system namespaces, their default service accounts, the API's own Service, the priority classes, and the roles that extension servers are bound to.</summary>
internal static class InitialObjects
{
    private const string Rbac = "rbac.authorization.k8s.io";

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
        await EnsureAsync(services, Rbac, "clusterroles", null, Role("system:auth-delegator", Rule("authentication.k8s.io", "tokenreviews", ["create"]), Rule("authorization.k8s.io", "subjectaccessreviews", ["create"]))).ConfigureAwait(false);
        var settings = Rule("", "configmaps", ["get", "list", "watch"]);
        settings["resourceNames"] = new JsonArray("extension-apiserver-authentication");
        await EnsureAsync(services, Rbac, "roles", "kube-system", Role("extension-apiserver-authentication-reader", settings)).ConfigureAwait(false);
    }

    private static JsonObject Role(string name, params JsonNode[] rules) => new() { ["metadata"] = new JsonObject { ["name"] = name }, ["rules"] = new JsonArray(rules) };

    private static JsonObject Rule(string group, string resource, string[] verbs) => new()
    {
        ["apiGroups"] = new JsonArray(group),
        ["resources"] = new JsonArray(resource),
        ["verbs"] = new JsonArray([.. verbs.Select(verb => (JsonNode)verb)]),
    };

    private static async Task EnsureAsync(ApiServices services, string group, string plural, string? ns, JsonObject obj)
    {
        var resource = services.Context.Registry.Find(group, "v1", plural)!;
        var name = obj["metadata"]!["name"]!.GetValue<string>();
        if (services.Context.Store.Find(resource.StorageKey, ns ?? "", name) is not null) return;
        await services.Writer.CreateAsync(resource, ns, obj, WriteOptions.Default with { FieldManager = "kube-apiserver" }).ConfigureAwait(false);
    }
}
