using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Builtins;

internal sealed class AutoscalerRules : IKindRules
{
    public void Default(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        spec.Default("minReplicas", 1);
        if (spec.Array("metrics") is not { Count: > 0 })
        {
            spec["metrics"] = new JsonArray(new JsonObject
            {
                ["type"] = "Resource",
                ["resource"] = new JsonObject { ["name"] = "cpu", ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = 80 } },
            });
        }

        foreach (var direction in (string[])["scaleUp", "scaleDown"])
        {
            if (spec.Object("behavior") is not { } behavior) continue;
            var rules = behavior.Ensure(direction);
            rules.Default("selectPolicy", "Max");
            if (direction == "scaleUp") rules.Default("stabilizationWindowSeconds", 0);
            if (rules.Array("policies") is { Count: > 0 }) continue;
            rules["policies"] = direction == "scaleUp"
                ? new JsonArray(Policy("Pods", 4), Policy("Percent", 100))
                : new JsonArray(Policy("Percent", 100));
        }
    }

    public void Validate(JsonObject obj, JsonObject? live, List<FieldError> errors)
    {
        var spec = obj.Ensure("spec");
        var max = spec.Integer("maxReplicas") ?? 0;
        var min = spec.Integer("minReplicas") ?? 1;
        if (max < 1) errors.Add(FieldError.Invalid("spec.maxReplicas", max, "must be greater than 0"));
        if (max < min) errors.Add(FieldError.Invalid("spec.maxReplicas", max, "must be greater than or equal to `minReplicas`"));
        if (min < 1 && !spec.Array("metrics").Objects().Any(m => m.Text("type") is "Object" or "External"))
            errors.Add(min < 0 ? FieldError.Invalid("spec.minReplicas", min, "must be greater than or equal to 1") : FieldError.Forbidden("spec.metrics", "must specify at least one Object or External metric to support scaling to zero replicas"));
        var target = spec.Object("scaleTargetRef");
        if (string.IsNullOrEmpty(target.Text("kind"))) errors.Add(FieldError.Required("spec.scaleTargetRef.kind"));
        if (string.IsNullOrEmpty(target.Text("name"))) errors.Add(FieldError.Required("spec.scaleTargetRef.name"));
        var index = 0;
        foreach (var metric in spec.Array("metrics").Objects()) ValidateMetric(metric, $"spec.metrics[{index++}]", errors);
    }

    private static void ValidateMetric(JsonObject metric, string path, List<FieldError> errors)
    {
        var type = metric.Text("type");
        var member = type switch { "Resource" => "resource", "Pods" => "pods", "Object" => "object", "External" => "external", "ContainerResource" => "containerResource", _ => null };
        if (member is null)
        {
            errors.Add(FieldError.NotSupported($"{path}.type", type, ["ContainerResource", "External", "Object", "Pods", "Resource"]));
            return;
        }

        if (metric.Object(member) is not { } source)
        {
            errors.Add(FieldError.Required($"{path}.{member}", "must populate information for the given metric source"));
            return;
        }

        if (member is "pods" or "object" or "external" && string.IsNullOrEmpty(source.Object("metric").Text("name")))
            errors.Add(FieldError.Required($"{path}.{member}.metric.name", "must specify a metric name"));
        if (source.Object("target") is not { } target) errors.Add(FieldError.Required($"{path}.{member}.target"));
        else if (member == "external" && target["value"] is null && target["averageValue"] is null)
            errors.Add(FieldError.Required($"{path}.{member}.target.averageValue", "must set either a target value for metric or a per-pod target"));
    }

    private static JsonObject Policy(string type, int value) => new() { ["type"] = type, ["value"] = value, ["periodSeconds"] = 15 };
}
