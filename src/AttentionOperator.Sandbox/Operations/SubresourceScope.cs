using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Operations;

/// <summary>Which part of an object a request to it or to one of its subresources may change.</summary>
internal static class SubresourceScope
{
    public static void Confine(ResourceDefinition resource, JsonObject obj, JsonObject live, string subresource)
    {
        switch (subresource)
        {
            case "" when resource.HasStatus:
                Keep(obj, live, "status");
                break;
            case "status":
                foreach (var name in obj.Select(m => m.Key).Concat(live.Select(m => m.Key)).Distinct().ToList())
                {
                    if (name is not ("status" or "apiVersion" or "kind" or "metadata")) Keep(obj, live, name);
                }

                // The version that the writer saw and who writes survive; labels, annotations, owners and finalizers do not change here.
                var managed = obj.Meta()["managedFields"]?.DeepClone();
                obj["metadata"] = live["metadata"]?.DeepClone();
                if (managed is not null) obj.Meta()["managedFields"] = managed;
                break;
            case "finalize":
                Keep(obj, live, "status");
                break;
        }
    }

    private static void Keep(JsonObject obj, JsonObject live, string name)
    {
        if (live[name] is { } value) obj[name] = value.DeepClone();
        else obj.Remove(name);
    }
}
