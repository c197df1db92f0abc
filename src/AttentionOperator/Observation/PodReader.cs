using System.Text.Json;
using AttentionOperator.Api.Naming;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Observation;

/// <summary>Reads what scaling needs out of a cached pod, without building the whole model.</summary>
internal static class PodReader
{
    /// <summary>Null for a pod of no revision.</summary>
    public static ObservedPod? Read(KubeObject value)
    {
        if (value.Label(LabelNames.Revision) is not { } revision)
        {
            return null;
        }

        using var document = value.Parse();
        var root = document.RootElement;
        var status = Property(root, "status");
        var ended = Property(status, "phase") is { ValueKind: JsonValueKind.String } phase && (phase.ValueEquals("Succeeded") || phase.ValueEquals("Failed"));
        return new ObservedPod(
            value.Key,
            revision,
            Text(status, "podIP"),
            !value.IsDeleting && !ended && IsReady(status),
            value.IsDeleting || ended,
            Text(Property(Property(root, "metadata"), "annotations"), AnnotationNames.PodDeletionCost));
    }

    private static bool IsReady(JsonElement status)
    {
        var conditions = Property(status, "conditions");
        return conditions.ValueKind == JsonValueKind.Array
            && conditions.EnumerateArray().Any(condition => Text(condition, "type") == "Ready" && Text(condition, "status") == "True");
    }

    private static string? Text(JsonElement element, string name) =>
        Property(element, name) is { ValueKind: JsonValueKind.String } text && text.GetString() is { Length: > 0 } value ? value : null;

    private static JsonElement Property(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;
}
