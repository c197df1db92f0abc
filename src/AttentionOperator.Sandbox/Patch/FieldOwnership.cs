using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Patch;

/// <summary>Keeps <c>metadata.managedFields</c>: who set which field.</summary>
internal static class FieldOwnership
{
    private static readonly string[] ServerFields =
        ["name", "namespace", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "uid", "resourceVersion", "generation", "managedFields", "clusterName"];

    /// <param name="apply">The configuration, when an apply patch creates the object.</param>
    public static void RecordCreate(ResourceDefinition resource, JsonObject obj, WriteOptions options, JsonObject? apply, DateTimeOffset now)
    {
        var fields = apply is null ? FieldComparison.Of([], obj, resource.Schema).Changed : FieldSetBuilder.Of(apply, resource.Schema);
        Strip(fields, resource, "");
        ManagedFields.Write(obj, [new ManagedFields(options.FieldManager, apply is null ? "Update" : "Apply", resource.ApiVersion, "", ObjectMeta.Time(now), fields)]);
    }

    /// <summary>After an update or a patch other than apply: the writer owns what it changed, nobody what is gone.</summary>
    public static void RecordUpdate(ResourceDefinition resource, JsonObject obj, JsonObject live, WriteOptions options, string subresource, DateTimeOffset now)
    {
        var reset = obj.At("metadata", "managedFields") is JsonArray { Count: 1 } given && given[0] is JsonObject { Count: 0 };
        var sent = ManagedFields.Read(obj);
        var entries = reset ? [] : sent.Count > 0 ? sent : ManagedFields.Read(live);
        var difference = FieldComparison.Of(live, obj, resource.Schema);
        Strip(difference.Changed, resource, subresource);
        Strip(difference.Removed, resource, subresource);
        var result = new List<ManagedFields>();
        var found = false;
        foreach (var entry in entries)
        {
            var mine = entry.Is(options.FieldManager, "Update", resource.ApiVersion, subresource);
            var fields = entry.Fields.Clone();
            fields.Remove(difference.Removed);
            if (mine) fields.Add(difference.Changed);
            else fields.Remove(difference.Changed);
            found |= mine;
            result.Add(entry with { Fields = fields, Time = mine && !fields.SameAs(entry.Fields) || (mine && !difference.Changed.IsEmpty) ? ObjectMeta.Time(now) : entry.Time });
        }

        if (!found && !difference.Changed.IsEmpty)
            result.Add(new ManagedFields(options.FieldManager, "Update", resource.ApiVersion, subresource, ObjectMeta.Time(now), difference.Changed));
        ManagedFields.Write(obj, result);
    }

    /// <summary>Takes out what no manager owns: identity, what the server sets, and what the endpoint does not write.</summary>
    public static void Strip(FieldSet fields, ResourceDefinition resource, string subresource)
    {
        fields.Children.Remove("f:apiVersion");
        fields.Children.Remove("f:kind");
        if (fields.Find("f:metadata") is { } meta)
        {
            meta.Owned = false;
            foreach (var name in ServerFields) meta.Children.Remove($"f:{name}");
            if (meta.IsEmpty) fields.Children.Remove("f:metadata");
        }

        if (subresource == "status")
        {
            foreach (var step in fields.Children.Keys.Where(s => s != "f:status").ToList()) fields.Children.Remove(step);
        }
        else if (resource.HasStatus && subresource.Length == 0)
        {
            fields.Children.Remove("f:status");
        }
    }

    /// <summary>True when nothing but the times in managedFields differs: such a write is not stored.</summary>
    public static bool SameExceptTimes(JsonObject a, JsonObject b) =>
        SameExcept(a, b, "metadata", (x, y) => SameExcept(x, y, "managedFields", SameManagers));

    private static bool SameManagers(JsonNode? a, JsonNode? b) =>
        a is JsonArray left && b is JsonArray right
            ? left.Count == right.Count && left.Zip(right).All(pair => SameExcept(pair.First, pair.Second, "time", (_, _) => true))
            : a is null && b is null;

    private static bool SameExcept(JsonNode? a, JsonNode? b, string member, Func<JsonNode?, JsonNode?, bool> same)
    {
        if (a is not JsonObject left || b is not JsonObject right) return JsonNode.DeepEquals(a, b);
        if (!same(left[member], right[member])) return false;
        var others = right.Count - (right.ContainsKey(member) ? 1 : 0);
        foreach (var (name, value) in left)
        {
            if (name == member) continue;
            if (!right.TryGetPropertyValue(name, out var other) || !JsonNode.DeepEquals(value, other)) return false;
            others--;
        }

        return others == 0;
    }
}
