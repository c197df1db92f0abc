using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Builtins;

/// <summary>Sets conditions in a pod's status.</summary>
internal static class PodConditions
{
    public static void Set(JsonObject pod, string type, string status, DateTimeOffset now, string? reason = null, string? message = null)
    {
        var conditions = pod.Ensure("status").Array("conditions");
        if (conditions is null) pod["status"]!["conditions"] = conditions = [];
        var condition = conditions.Objects().FirstOrDefault(c => c.Text("type") == type);
        if (condition is null)
        {
            condition = new JsonObject { ["type"] = type };
            conditions.Add(condition);
        }

        if (condition.Text("status") != status) condition["lastTransitionTime"] = ObjectMeta.Time(now);
        condition["status"] = status;
        if (reason is not null) condition["reason"] = reason;
        else condition.Remove("reason");
        if (message is not null) condition["message"] = message;
        else condition.Remove("message");
    }

    public static bool IsReady(JsonObject pod) =>
        (pod.At("status", "conditions") as JsonArray).Objects().Any(c => c.Text("type") == "Ready" && c.Text("status") == "True");
}
