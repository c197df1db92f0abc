using System.Text.Json;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Kube.Apply;

/// <summary>
/// Would an apply change anything? Compares what we state with what is live, the way server-side apply merges: fields that we do not state belong to others and are ignored,
/// list items are matched by their keys, and what we owned before but state no longer must go. Pure.
/// </summary>
public static class ApplyDiff
{
    /// <summary>True where applying <paramref name="desired"/> to <paramref name="live"/> changes nothing.</summary>
    /// <param name="desired">What would be applied.</param>
    /// <param name="live">The object as cached, without managedFields.</param>
    /// <param name="schema">List types of the kind; null takes the default.</param>
    /// <param name="subresource">"status" compares the status alone; null everything but the status.</param>
    public static bool IsNoOp(JsonElement desired, JsonElement live, ListSchema? schema = null, string? subresource = null) =>
        FirstDifference(desired, live, schema, subresource) is null;

    /// <summary>As <see cref="IsNoOp(JsonElement, JsonElement, ListSchema?, string?)"/>, including fields to be removed where the object notes what <paramref name="manager"/> owns.</summary>
    public static bool IsNoOp(JsonElement desired, KubeObject live, string manager, string? subresource = null, ListSchema? schema = null) =>
        FirstDifference(desired, live, manager, subresource, schema) is null;

    /// <summary>Path of the first field that an apply would set or remove, null where there is none.</summary>
    public static string? FirstDifference(JsonElement desired, KubeObject live, string manager, string? subresource = null, ListSchema? schema = null)
    {
        ArgumentNullException.ThrowIfNull(live);
        if (string.Equals(live.FieldManager, manager, StringComparison.Ordinal))
        {
            ReadOnlyMemory<byte> owned = subresource == "status" ? live.OwnedStatusFields : live.OwnedFields;
            if (owned.IsEmpty)
            {
                return "metadata.managedFields";
            }

            using JsonDocument fields = JsonDocument.Parse(owned);
            if (OwnedFields.FirstUnstated(fields.RootElement, desired) is { } removed)
            {
                return removed;
            }
        }

        using JsonDocument document = live.Parse();
        return FirstDifference(desired, document.RootElement, schema ?? ListSchema.For(live.Resource.Group, live.Resource.Kind), subresource);
    }

    public static string? FirstDifference(JsonElement desired, JsonElement live, ListSchema? schema = null, string? subresource = null)
    {
        var walk = new Comparison(schema ?? ListSchema.Default);
        foreach (JsonProperty property in desired.EnumerateObject())
        {
            bool compared = property.Name switch
            {
                "apiVersion" or "kind" => false,
                "status" => subresource == "status",
                _ => subresource is null,
            };
            if (!compared || property.Value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            string? difference = property.Name == "metadata"
                ? Metadata(walk, property.Value, live)
                : walk.Property("", property, live);
            if (difference is not null)
            {
                return difference;
            }
        }

        return null;
    }

    private static string? Metadata(Comparison walk, JsonElement desired, JsonElement live)
    {
        JsonElement metadata = live.TryGetProperty("metadata", out JsonElement found) ? found : default;
        foreach (JsonProperty property in desired.EnumerateObject())
        {
            // The rest of metadata is identity or belongs to the server.
            if (property.Name is not ("labels" or "annotations" or "ownerReferences" or "finalizers") || property.Value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            bool nothingStated = property.Value.ValueKind == JsonValueKind.Object && !property.Value.EnumerateObject().Any();
            if (!nothingStated && walk.Property("metadata", property, metadata) is { } difference)
            {
                return $"metadata.{difference}";
            }
        }

        return null;
    }
}
