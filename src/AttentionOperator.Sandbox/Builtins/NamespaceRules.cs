using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Builtins;

internal sealed class NamespaceRules : IKindRules
{
    public void Default(JsonObject obj)
    {
        if (obj.Name() is { } name) obj.Meta().Ensure("labels")["kubernetes.io/metadata.name"] = name;
    }

    public void PrepareForCreate(JsonObject obj)
    {
        var finalizers = obj.Ensure("spec").Array("finalizers") ?? [];
        if (!finalizers.Any(f => f.AsText() == "kubernetes")) finalizers.Add("kubernetes");
        obj["spec"]!["finalizers"] = finalizers.DeepClone();
        obj["status"] = new JsonObject { ["phase"] = "Active" };
    }

    public void PrepareForUpdate(JsonObject obj, JsonObject live)
    {
        // Only the finalize subresource may change the finalizers of the spec.
        obj["spec"] = live["spec"]?.DeepClone();
    }
}
