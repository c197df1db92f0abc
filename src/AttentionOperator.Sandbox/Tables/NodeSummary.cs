using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Tables;

internal static class NodeSummary
{
    private const string RolePrefix = "node-role.kubernetes.io/";

    public static string Status(JsonObject node)
    {
        var ready = (node.At("status", "conditions") as JsonArray).Objects().FirstOrDefault(c => c.Text("type") == "Ready").Text("status");
        var text = ready switch { "True" => "Ready", null => "Unknown", _ => "NotReady" };
        return node.At("spec").Flag("unschedulable") == true ? text + ",SchedulingDisabled" : text;
    }

    public static string Roles(JsonObject node)
    {
        var roles = (node.At("metadata", "labels") as JsonObject)?.Where(l => l.Key.StartsWith(RolePrefix, StringComparison.Ordinal)).Select(l => l.Key[RolePrefix.Length..]).ToList() ?? [];
        return roles.Count == 0 ? "<none>" : string.Join(",", roles);
    }

    public static string Address(JsonObject node, string type) =>
        (node.At("status", "addresses") as JsonArray).Objects().FirstOrDefault(a => a.Text("type") == type).Text("address") ?? "<none>";

    public static string Info(JsonObject node, string field) => node.At("status", "nodeInfo", field).AsText() is { Length: > 0 } text ? text : "<unknown>";
}
