using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Patch;

/// <summary>One entry of <c>metadata.managedFields</c>.</summary>
internal sealed record ManagedFields(string Manager, string Operation, string ApiVersion, string Subresource, string? Time, FieldSet Fields)
{
    public bool Is(string manager, string operation, string apiVersion, string subresource) =>
        Manager == manager && Operation == operation && ApiVersion == apiVersion && Subresource == subresource;

    /// <summary>How conflicts name the manager.</summary>
    public string Show()
    {
        var via = Subresource.Length > 0 ? $" with subresource \"{Subresource}\"" : "";
        if (Operation != "Update") return $"\"{Manager}\"{via}";
        return Time is null ? $"\"{Manager}\"{via} using {ApiVersion}" : $"\"{Manager}\"{via} using {ApiVersion} at {Time}";
    }

    public static List<ManagedFields> Read(JsonObject obj) =>
        [.. (obj.At("metadata", "managedFields") as JsonArray).Objects().Where(e => e.Text("manager") is not null).Select(e => new ManagedFields(
            e.Text("manager")!, e.Text("operation") ?? "Update", e.Text("apiVersion") ?? "", e.Text("subresource") ?? "", e.Text("time"), FieldSet.FromJson(e.Object("fieldsV1"))))];

    public static void Write(JsonObject obj, IEnumerable<ManagedFields> entries)
    {
        var array = new JsonArray();
        foreach (var entry in entries.Where(e => !e.Fields.IsEmpty).OrderBy(e => e.Operation, StringComparer.Ordinal).ThenBy(e => e.Time ?? "", StringComparer.Ordinal))
        {
            var json = new JsonObject
            {
                ["manager"] = entry.Manager,
                ["operation"] = entry.Operation,
                ["apiVersion"] = entry.ApiVersion,
            };
            if (entry.Time is not null) json["time"] = entry.Time;
            json["fieldsType"] = "FieldsV1";
            json["fieldsV1"] = entry.Fields.ToJson();
            if (entry.Subresource.Length > 0) json["subresource"] = entry.Subresource;
            array.Add(json);
        }

        if (array.Count == 0) obj.Meta().Remove("managedFields");
        else obj.Meta()["managedFields"] = array;
    }
}
