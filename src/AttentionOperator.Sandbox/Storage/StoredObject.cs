using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Storage;

/// <summary>
/// One version of one object as it is kept: its JSON bytes, and the few values that selectors and watches need.
/// Bytes rather than nodes, because ten thousand models with their children must fit in little memory and most reads only forward them.
/// </summary>
internal sealed class StoredObject
{
    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public required string Uid { get; init; }

    public required long Version { get; init; }

    public required byte[] Utf8 { get; init; }

    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>Values of the resource's selectable fields, beside name and namespace.</summary>
    public required IReadOnlyDictionary<string, string> Fields { get; init; }

    public string Key => KeyOf(Namespace, Name);

    public static string KeyOf(string ns, string name) => $"{ns}/{name}";

    public JsonObject Parse() => JsonReading.ParseObject(Utf8);

    /// <summary>Stamps the version into the object and serializes it.</summary>
    public static StoredObject From(JsonObject obj, long version, IReadOnlyList<string> selectableFields)
    {
        var meta = obj.Meta();
        meta["resourceVersion"] = version.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new StoredObject
        {
            Namespace = obj.Namespace() ?? "",
            Name = obj.Name() ?? "",
            Uid = obj.Uid() ?? "",
            Version = version,
            Utf8 = JsonFormat.ToUtf8(obj),
            Labels = LabelsOf(meta),
            Fields = FieldsOf(obj, selectableFields),
        };
    }

    private static Dictionary<string, string> LabelsOf(JsonObject meta)
    {
        if (meta.Object("labels") is not { Count: > 0 } labels) return EmptyMap;
        var map = new Dictionary<string, string>(labels.Count, StringComparer.Ordinal);
        foreach (var (name, value) in labels) map[name] = value.AsText() ?? "";
        return map;
    }

    private static Dictionary<string, string> FieldsOf(JsonObject obj, IReadOnlyList<string> selectable)
    {
        if (selectable.Count <= 2) return EmptyMap;
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in selectable)
        {
            if (field is "metadata.name" or "metadata.namespace") continue;
            var value = obj.At(field.Split('.'));
            map[field] = value is null ? "" : value.AsText() ?? JsonFormat.ToText(value);
        }

        return map;
    }

    private static readonly Dictionary<string, string> EmptyMap = [];
}
