using System.Text.Json.Nodes;
using AttentionOperator.Api.Naming;

namespace AttentionOperator.AggregatedMetrics;

/// <summary>The discovery documents: those of every aggregated API server, in the old form and in the aggregated one. Pure.</summary>
internal static class MetricsDiscovery
{
    public static JsonObject Groups() => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. MetricsGroups.Versions.Keys.Select(group => (JsonNode)Group(group, false))]),
    };

    public static JsonObject Group(string group, bool alone = true)
    {
        var document = new JsonObject
        {
            ["name"] = group,
            ["versions"] = new JsonArray([.. MetricsGroups.Versions[group].Select(version => (JsonNode)Version(group, version))]),
            ["preferredVersion"] = Version(group, MetricsGroups.Versions[group][0]),
        };
        if (alone)
        {
            document["kind"] = "APIGroup";
            document["apiVersion"] = "v1";
        }

        return document;
    }

    public static JsonObject Resources(string group, string version) => new()
    {
        ["kind"] = "APIResourceList",
        ["apiVersion"] = "v1",
        ["groupVersion"] = $"{group}/{version}",
        ["resources"] = new JsonArray([.. ScalingMetricNames.All.Select(metric => (JsonNode)new JsonObject
        {
            ["name"] = ResourceOf(group, metric),
            ["singularName"] = "",
            ["namespaced"] = true,
            ["kind"] = KindOf(group),
            ["verbs"] = new JsonArray("get"),
        })]),
    };

    /// <summary>Aggregated discovery (apidiscovery.k8s.io/v2), which an API server asks for first.</summary>
    public static JsonObject Aggregated(string apiVersion) => new()
    {
        ["kind"] = "APIGroupDiscoveryList",
        ["apiVersion"] = apiVersion,
        ["metadata"] = new JsonObject(),
        ["items"] = new JsonArray([.. MetricsGroups.Versions.Select(group => (JsonNode)new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = group.Key, ["creationTimestamp"] = null },
            ["versions"] = new JsonArray([.. group.Value.Select(version => (JsonNode)new JsonObject
            {
                ["version"] = version,
                ["freshness"] = "Current",
                ["resources"] = new JsonArray([.. ScalingMetricNames.All.Select(metric => (JsonNode)new JsonObject
                {
                    ["resource"] = ResourceOf(group.Key, metric),
                    ["responseKind"] = new JsonObject { ["group"] = group.Key, ["version"] = version, ["kind"] = KindOf(group.Key) },
                    ["scope"] = "Namespaced",
                    ["singularResource"] = "",
                    ["verbs"] = new JsonArray("get"),
                })]),
            })]),
        })]),
    };

    private static string ResourceOf(string group, string metric) => group == MetricsGroups.Custom ? $"{MetricsRequest.ModelResource}/{metric}" : metric;

    private static string KindOf(string group) => group == MetricsGroups.Custom ? "MetricValueList" : "ExternalMetricValueList";

    private static JsonObject Version(string group, string version) => new() { ["groupVersion"] = $"{group}/{version}", ["version"] = version };
}
