using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Aggregation;

namespace AttentionOperator.Sandbox.Discovery;

/// <summary>APIGroupDiscoveryList: all groups, versions and resources in one document.</summary>
internal static class AggregatedDiscovery
{
    public static JsonObject Document(HttpContext context, IEnumerable<ResourceDefinition> resources, IReadOnlyCollection<AggregatedApi> aggregated)
    {
        var version = context.Request.Headers.Accept.ToString().Contains("v=v2beta1", StringComparison.Ordinal)
            && !context.Request.Headers.Accept.ToString().Contains("v=v2;", StringComparison.Ordinal) ? "v2beta1" : "v2";
        context.Response.OnStarting(() =>
        {
            context.Response.ContentType = $"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList";
            return Task.CompletedTask;
        });
        var groups = new JsonArray();
        foreach (var group in resources.GroupBy(r => r.Group).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            groups.Add(new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = group.Key.Length == 0 ? null : group.Key, ["creationTimestamp"] = null },
                ["versions"] = new JsonArray([.. group.GroupBy(r => r.Version).OrderBy(v => v.Key, VersionOrder.Instance).Select(v => (JsonNode)Version(v.Key, v))]),
            });
        }

        foreach (var remote in aggregated.GroupBy(a => a.Group))
        {
            groups.Add(new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = remote.Key, ["creationTimestamp"] = null },
                ["versions"] = new JsonArray([.. remote.Select(a => (JsonNode)new JsonObject { ["version"] = a.Version, ["resources"] = new JsonArray(), ["freshness"] = "Stale" })]),
            });
        }

        return new JsonObject { ["kind"] = "APIGroupDiscoveryList", ["apiVersion"] = $"apidiscovery.k8s.io/{version}", ["metadata"] = new JsonObject(), ["items"] = groups };
    }

    private static JsonObject Version(string name, IEnumerable<ResourceDefinition> resources) => new()
    {
        ["version"] = name,
        ["resources"] = new JsonArray([.. resources.OrderBy(r => r.Plural, StringComparer.Ordinal).Select(r => (JsonNode)Resource(r))]),
        ["freshness"] = "Current",
    };

    private static JsonObject Resource(ResourceDefinition resource)
    {
        var entry = new JsonObject
        {
            ["resource"] = resource.Plural,
            ["responseKind"] = Kind(resource.Group, resource.Version, resource.Kind),
            ["scope"] = resource.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = resource.Singular,
            ["verbs"] = ClassicDiscovery.Array(resource.Verbs),
        };
        if (resource.ShortNames.Count > 0) entry["shortNames"] = ClassicDiscovery.Array(resource.ShortNames);
        if (resource.Categories.Count > 0) entry["categories"] = ClassicDiscovery.Array(resource.Categories);
        var subresources = SubresourceCatalog.Of(resource).Select(s => (JsonNode)new JsonObject
        {
            ["subresource"] = s.Name,
            ["responseKind"] = Kind(s.Group, s.Version, s.Kind),
            ["verbs"] = ClassicDiscovery.Array(s.Verbs),
        }).ToArray();
        if (subresources.Length > 0) entry["subresources"] = new JsonArray(subresources);
        return entry;
    }

    private static JsonObject Kind(string group, string version, string kind) => new() { ["group"] = group, ["version"] = version, ["kind"] = kind };
}
