using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Operations;

/// <summary><c>metadata.generation</c> rises with every change of the desired state, never with status or metadata.</summary>
internal static class GenerationRules
{
    public static void Apply(ResourceDefinition resource, JsonObject obj, JsonObject live, string subresource)
    {
        if (!resource.HasGeneration) return;
        var generation = live.At("metadata", "generation").AsInteger() ?? 1;
        if (subresource is not "status" && DesiredStateDiffers(resource, obj, live)) generation++;
        obj.Meta()["generation"] = generation;
    }

    private static bool DesiredStateDiffers(ResourceDefinition resource, JsonObject obj, JsonObject live)
    {
        if (!resource.IsCustom && (obj.ContainsKey("spec") || live.ContainsKey("spec"))) return !JsonNode.DeepEquals(obj["spec"], live["spec"]);
        return obj.Select(m => m.Key).Union(live.Select(m => m.Key))
            .Where(n => n is not ("metadata" or "apiVersion" or "kind") && !(n == "status" && resource.HasStatus))
            .Any(n => !JsonNode.DeepEquals(obj[n], live[n]));
    }
}
