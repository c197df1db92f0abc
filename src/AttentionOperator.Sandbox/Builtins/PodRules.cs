using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Builtins;

internal sealed class PodRules : IKindRules
{
    private static readonly string[] MutableSpec = ["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "schedulingGates"];

    public void Default(JsonObject obj)
    {
        PodTemplates.DefaultSpec(obj.Ensure("spec"));
        obj.Ensure("spec").Default("enableServiceLinks", true);
        obj.Ensure("spec").Default("preemptionPolicy", "PreemptLowerPriority");
        obj.Ensure("spec").Default("priority", 0);
        obj.Ensure("spec").Default("serviceAccountName", "default");
        obj["spec"]!["serviceAccount"] = obj["spec"]!["serviceAccountName"]!.DeepClone();
        DefaultTolerations(obj.Ensure("spec"));
    }

    public void PrepareForCreate(JsonObject obj)
    {
        var gated = obj.At("spec", "schedulingGates") is JsonArray { Count: > 0 };
        obj["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = PodTemplates.QualityOfService(obj.Ensure("spec")) };
        if (gated)
        {
            obj["status"]!["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "PodScheduled",
                ["status"] = "False",
                ["reason"] = "SchedulingGated",
                ["message"] = "Scheduling is blocked due to non-empty scheduling gates",
                ["lastProbeTime"] = null,
                ["lastTransitionTime"] = obj.Meta().Text("creationTimestamp"),
            });
        }
    }

    public void PrepareForUpdate(JsonObject obj, JsonObject live)
    {
        if (obj.Object("spec") is { } spec && spec["nodeName"] is null && live.At("spec", "nodeName") is { } node) spec["nodeName"] = node.DeepClone();
    }

    public void Validate(JsonObject obj, JsonObject? live, List<FieldError> errors)
    {
        PodTemplates.ValidateSpec(obj.Ensure("spec"), "spec", errors);
        if (live is null) return;
        if (!JsonNode.DeepEquals(WithoutMutable(obj), WithoutMutable(live)))
        {
            errors.Add(FieldError.Forbidden("spec",
                "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"));
        }
    }

    private static JsonObject WithoutMutable(JsonObject pod)
    {
        var spec = pod.Object("spec")?.Clone() ?? [];
        foreach (var name in MutableSpec) spec.Remove(name);
        foreach (var list in (string[])["containers", "initContainers"])
        {
            foreach (var container in spec.Array(list).Objects())
            {
                container.Remove("image");
                container.Remove("resources");
            }
        }

        spec.Remove("ephemeralContainers");
        return spec;
    }

    private static void DefaultTolerations(JsonObject spec)
    {
        var tolerations = spec.Array("tolerations") ?? [];
        foreach (var key in (string[])["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"])
        {
            var covered = tolerations.Objects().Any(t => (t.Text("key") is null or "" && t.Text("operator") == "Exists") || t.Text("key") == key);
            if (!covered) tolerations.Add(new JsonObject { ["key"] = key, ["operator"] = "Exists", ["effect"] = "NoExecute", ["tolerationSeconds"] = 300 });
        }

        if (spec.Array("tolerations") is null) spec["tolerations"] = tolerations;
    }
}
