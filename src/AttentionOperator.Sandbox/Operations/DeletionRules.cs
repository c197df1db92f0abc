using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Operations;

/// <summary>When an object that is being deleted may go.</summary>
internal static class DeletionRules
{
    public static bool IsFinished(ResourceDefinition resource, JsonObject obj) =>
        obj.DeletionTimestamp() is not null
        && obj.Finalizers().Count == 0
        && (obj.At("metadata", "deletionGracePeriodSeconds").AsInteger() ?? 0) == 0
        && !(resource.StorageKey == "/namespaces" && obj.At("spec", "finalizers") is JsonArray { Count: > 0 });

    /// <summary>The finalizers after a delete request with a propagation policy.</summary>
    public static List<string> WithPropagation(ResourceDefinition resource, JsonObject obj, string? policy)
    {
        var finalizers = obj.Finalizers();
        // Jobs and replication controllers orphan their pods unless told otherwise, as they did before there was garbage collection.
        var fallback = resource.StorageKey is "batch/jobs" or "/replicationcontrollers" ? "Orphan" : "Background";
        var effective = policy ?? (finalizers.Contains("orphan") ? "Orphan" : finalizers.Contains("foregroundDeletion") ? "Foreground" : fallback);
        finalizers.Remove("orphan");
        finalizers.Remove("foregroundDeletion");
        if (effective == "Orphan") finalizers.Add("orphan");
        if (effective == "Foreground") finalizers.Add("foregroundDeletion");
        return finalizers;
    }

    /// <summary>Seconds that a pod gets to end; zero for everything else.</summary>
    public static long GraceOf(ResourceDefinition resource, JsonObject obj, long? requested)
    {
        if (resource.StorageKey != "/pods") return 0;
        var scheduled = !string.IsNullOrEmpty(obj.At("spec", "nodeName").AsText());
        var ended = obj.At("status", "phase").AsText() is "Succeeded" or "Failed";
        if (!scheduled || ended) return 0;
        var grace = requested ?? obj.At("spec", "terminationGracePeriodSeconds").AsInteger() ?? 30;
        return grace < 0 ? 1 : grace;
    }
}
