using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Aggregation;
using AttentionOperator.Sandbox.Api;

namespace AttentionOperator.Sandbox.Discovery;

/// <summary>APIGroupList, APIGroup and APIResourceList.</summary>
internal static class ClassicDiscovery
{
    public static JsonObject Groups(ResourceRegistry registry, IReadOnlyCollection<AggregatedApi> aggregated)
    {
        var names = registry.All.Select(r => r.Group).Where(g => g.Length > 0).Concat(aggregated.Select(a => a.Group)).Distinct().Order(StringComparer.Ordinal);
        return new JsonObject
        {
            ["kind"] = "APIGroupList",
            ["apiVersion"] = "v1",
            ["groups"] = new JsonArray([.. names.Select(n => (JsonNode)Describe(registry, n, aggregated))]),
        };
    }

    public static JsonObject Group(ResourceRegistry registry, string group, IReadOnlyCollection<AggregatedApi> aggregated)
    {
        if (registry.All.All(r => r.Group != group) && aggregated.All(a => a.Group != group)) throw ApiErrors.PathNotFound();
        var document = new JsonObject { ["kind"] = "APIGroup", ["apiVersion"] = "v1" };
        foreach (var (name, value) in Describe(registry, group, aggregated)) document[name] = value?.DeepClone();
        return document;
    }

    public static JsonObject Resources(ResourceRegistry registry, string group, string version)
    {
        var list = new JsonArray();
        foreach (var resource in registry.All.Where(r => r.Group == group && r.Version == version).OrderBy(r => r.Plural, StringComparer.Ordinal))
        {
            list.Add(Entry(resource));
            foreach (var sub in SubresourceCatalog.Of(resource))
            {
                var entry = new JsonObject
                {
                    ["name"] = $"{resource.Plural}/{sub.Name}",
                    ["singularName"] = "",
                    ["namespaced"] = resource.Namespaced,
                    ["kind"] = sub.Kind,
                    ["verbs"] = Array(sub.Verbs),
                };
                if (sub.Group != group || sub.Version != version)
                {
                    entry["group"] = sub.Group;
                    entry["version"] = sub.Version;
                }

                list.Add(entry);
            }
        }

        return new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}",
            ["resources"] = list,
        };
    }

    internal static JsonArray Array(IEnumerable<string> texts) => [.. texts.Select(t => (JsonNode)JsonValue.Create(t))];

    private static JsonObject Entry(ResourceDefinition resource)
    {
        var entry = new JsonObject
        {
            ["name"] = resource.Plural,
            ["singularName"] = resource.Singular,
            ["namespaced"] = resource.Namespaced,
            ["kind"] = resource.Kind,
            ["verbs"] = Array(resource.Verbs),
        };
        if (resource.ShortNames.Count > 0) entry["shortNames"] = Array(resource.ShortNames);
        if (resource.Categories.Count > 0) entry["categories"] = Array(resource.Categories);
        if (resource.Verbs.Contains("list"))
            entry["storageVersionHash"] = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes($"{resource.ApiVersion}/{resource.Kind}")).AsSpan(0, 8));
        return entry;
    }

    private static JsonObject Describe(ResourceRegistry registry, string group, IReadOnlyCollection<AggregatedApi> aggregated)
    {
        var versions = registry.All.Where(r => r.Group == group).Select(r => r.Version)
            .Concat(aggregated.Where(a => a.Group == group).Select(a => a.Version)).Distinct().Order(VersionOrder.Instance)
            .Select(v => new JsonObject { ["groupVersion"] = $"{group}/{v}", ["version"] = v }).ToList();
        return new JsonObject
        {
            ["name"] = group,
            ["versions"] = new JsonArray([.. versions.Select(v => (JsonNode)v.DeepClone())]),
            ["preferredVersion"] = versions[0],
        };
    }
}
