using System.Text.Json.Nodes;

namespace AttentionOperator.Packaging.Tests.Manifests;

/// <summary>An object without what the chart adds to every one of them, and with its lists of rules in a fixed text, for comparison with kustomize's.</summary>
internal static class CanonicalObject
{
    // Labels by which Helm and people tell releases apart; config/ knows no releases.
    private static readonly string[] ReleaseLabels = ["app.kubernetes.io/instance", "app.kubernetes.io/managed-by", "app.kubernetes.io/version", "helm.sh/chart"];

    public static string Key(JsonNode item) => $"{item["apiVersion"]} {item["kind"]} {item["metadata"]!["namespace"]}/{item["metadata"]!["name"]}";

    public static string Text(JsonNode item)
    {
        var copy = item.DeepClone();
        Clean(copy);
        foreach (var container in Pods.In([copy]).SelectMany(pod => pod.Spec["containers"]!.AsArray()))
        {
            // The chart pins images to its release, and says when to pull; kustomize users do so with `images:`.
            container!["image"] = Untagged((string)container["image"]!);
            container.AsObject().Remove("imagePullPolicy");
            if (container["env"] is JsonArray variables)
            {
                // No variable refers to another, so their order means nothing.
                container["env"] = new JsonArray([.. variables.OrderBy(variable => (string)variable!["name"]!, StringComparer.Ordinal).Select(variable => variable!.DeepClone())]);
            }

            if (container["args"] is JsonArray arguments)
            {
                container["args"] = new JsonArray([.. arguments.Select(argument => (JsonNode)Untagged((string)argument!))]);
            }
        }

        copy["metadata"]!["annotations"]?.AsObject().Remove("helm.sh/resource-policy");
        DropEmpty(copy["metadata"]!.AsObject());
        // Labels of the object itself select nothing of ours, except a Service's: the operator finds the gateways' endpoints by them.
        if ((string)copy["kind"]! is not ("Service" or "ClusterRole"))
        {
            copy["metadata"]!.AsObject().Remove("labels");
        }
        else if (copy["metadata"]!["labels"] is JsonObject labels && (string)copy["kind"]! == "ClusterRole")
        {
            foreach (var label in labels.Select(label => label.Key).Where(label => !label.StartsWith("rbac.", StringComparison.Ordinal)).ToList())
            {
                labels.Remove(label);
            }

            DropEmpty(copy["metadata"]!.AsObject());
        }

        return Sorted(copy)!.ToJsonString(new() { WriteIndented = true });
    }

    private static string Untagged(string text) => text.EndsWith(":0.1.0", StringComparison.Ordinal) ? text[..^":0.1.0".Length] : text;

    private static void Clean(JsonNode? node)
    {
        if (node is JsonArray items)
        {
            foreach (var item in items)
            {
                Clean(item);
            }
        }
        else if (node is JsonObject fields)
        {
            foreach (var label in ReleaseLabels)
            {
                fields.Remove(label);
            }

            foreach (var field in fields.ToList())
            {
                Clean(field.Value);
            }
        }
    }

    private static void DropEmpty(JsonObject fields)
    {
        foreach (var field in fields.Where(field => field.Value is JsonObject { Count: 0 }).Select(field => field.Key).ToList())
        {
            fields.Remove(field);
        }
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject fields => new JsonObject(fields.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => KeyValuePair.Create(field.Key, Sorted(field.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
