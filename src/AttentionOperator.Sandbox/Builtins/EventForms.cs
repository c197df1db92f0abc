using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Builtins;

/// <summary>The two faces of an Event: <c>v1</c>, in which it is stored, and <c>events.k8s.io/v1</c>.</summary>
internal static class EventForms
{
    private static readonly (string New, string Core)[] Renames =
    [
        ("regarding", "involvedObject"), ("note", "message"), ("reportingController", "reportingComponent"),
        ("deprecatedSource", "source"), ("deprecatedFirstTimestamp", "firstTimestamp"), ("deprecatedLastTimestamp", "lastTimestamp"), ("deprecatedCount", "count"),
    ];

    public static bool IsNewEvent(ResourceDefinition resource) => resource.Group == "events.k8s.io" && resource.Plural == "events";

    public static JsonObject ToCore(JsonObject obj) => Convert(obj, "v1", Renames.Select(r => (r.New, r.Core)));

    public static JsonObject FromCore(JsonObject obj) => Convert(obj, "events.k8s.io/v1", Renames.Select(r => (r.Core, r.New)));

    /// <summary>The stored name of a selectable field.</summary>
    public static string CoreField(string field)
    {
        foreach (var (name, core) in Renames)
        {
            if (field == name || field.StartsWith(name + ".", StringComparison.Ordinal)) return core + field[name.Length..];
        }

        return field;
    }

    private static JsonObject Convert(JsonObject obj, string apiVersion, IEnumerable<(string From, string To)> renames)
    {
        var names = renames.ToDictionary(r => r.From, r => r.To, StringComparer.Ordinal);
        var result = new JsonObject { ["apiVersion"] = apiVersion };
        foreach (var (name, value) in obj)
        {
            if (name != "apiVersion") result[names.GetValueOrDefault(name, name)] = value?.DeepClone();
        }

        return result;
    }
}
