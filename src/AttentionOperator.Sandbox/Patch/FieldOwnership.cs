using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Patch;

/// <summary>Keeps <c>metadata.managedFields</c>: who set which field.</summary>
internal static class FieldOwnership
{
    public static void RecordCreate(ResourceDefinition resource, JsonObject obj, WriteOptions options, bool applied, DateTimeOffset now)
    {
    }

    public static void RecordUpdate(ResourceDefinition resource, JsonObject obj, JsonObject live, WriteOptions options, string subresource, bool applied, DateTimeOffset now)
    {
    }

    /// <summary>True when nothing but the times in managedFields differs: such a write is not stored.</summary>
    public static bool SameExceptTimes(JsonObject a, JsonObject b) => JsonNode.DeepEquals(WithoutTimes(a), WithoutTimes(b));

    private static JsonObject WithoutTimes(JsonObject obj)
    {
        var copy = obj.Clone();
        foreach (var entry in copy.Meta().Array("managedFields").Objects()) entry.Remove("time");
        return copy;
    }
}
