using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Tables;

internal static class AutoscalerSummary
{
    public static string Targets(JsonObject autoscaler)
    {
        var current = (autoscaler.At("status", "currentMetrics") as JsonArray).Objects().ToList();
        var parts = (autoscaler.At("spec", "metrics") as JsonArray).Objects().Select((m, i) => Target(m, i < current.Count ? current[i] : null)).ToList();
        return parts.Count == 0 ? "<none>" : parts.Count > 2 ? $"{string.Join(", ", parts.Take(2))} + {parts.Count - 2} more..." : string.Join(", ", parts);
    }

    private static string Target(JsonObject metric, JsonObject? current)
    {
        var member = metric.Text("type") is { Length: > 0 } type ? char.ToLowerInvariant(type[0]) + type[1..] : "";
        var target = metric.Object(member).Object("target");
        var now = current.Object(member).Object("current");
        if (target?["averageUtilization"].AsInteger() is { } utilization)
            return $"{metric.Object(member).Text("name")}: {(now?["averageUtilization"].AsInteger() is { } used ? $"{used}%" : "<unknown>")}/{utilization}%";
        var name = target?["averageValue"] is not null ? "averageValue" : "value";
        var suffix = name == "averageValue" ? " (avg)" : "";
        return $"{Text(now?[name]) ?? "<unknown>"}/{Text(target?[name]) ?? "<auto>"}{suffix}";
    }

    private static string? Text(JsonNode? value) => value is null ? null : value.AsText() ?? JsonFormat.ToText(value);
}
