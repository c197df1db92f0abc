using System.Text.Json.Nodes;

namespace AttentionOperator.Sandbox.Json;

/// <summary>Named access to the metadata of an API object.</summary>
internal static class ObjectMeta
{
    public static JsonObject Meta(this JsonObject obj) => obj.Ensure("metadata");

    public static string? Name(this JsonObject obj) => obj.Object("metadata").Text("name");

    public static string? Namespace(this JsonObject obj) => obj.Object("metadata").Text("namespace");

    public static string? Uid(this JsonObject obj) => obj.Object("metadata").Text("uid");

    public static string? ResourceVersion(this JsonObject obj) => obj.Object("metadata").Text("resourceVersion");

    public static string? DeletionTimestamp(this JsonObject obj) => obj.Object("metadata").Text("deletionTimestamp");

    public static string? Label(this JsonObject obj, string name) => obj.At("metadata", "labels").Text(name);

    public static List<string> Finalizers(this JsonObject obj) =>
        obj.Object("metadata").Array("finalizers")?.Select(f => f.AsText()).OfType<string>().ToList() ?? [];

    public static void SetFinalizers(this JsonObject obj, IEnumerable<string> finalizers)
    {
        var array = new JsonArray([.. finalizers.Select(f => (JsonNode?)JsonValue.Create(f))]);
        if (array.Count == 0) obj.Meta().Remove("finalizers");
        else obj.Meta()["finalizers"] = array;
    }

    /// <summary>RFC 3339 in UTC with whole seconds, the form of <c>metav1.Time</c>.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
