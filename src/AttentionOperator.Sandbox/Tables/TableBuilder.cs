using System.Globalization;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Operations;
using AttentionOperator.Sandbox.Storage;

namespace AttentionOperator.Sandbox.Tables;

/// <summary>Server-side tables (<c>meta.k8s.io/v1 Table</c>), which <c>kubectl get</c> prints.</summary>
internal static class TableBuilder
{
    public static JsonObject List(ResourceDefinition resource, ListPage page, string includeObject, DateTimeOffset now)
    {
        var columns = TableColumns.Of(resource);
        var meta = new JsonObject { ["resourceVersion"] = page.Version.ToString(CultureInfo.InvariantCulture) };
        if (page.Continue is not null) meta["continue"] = page.Continue;
        if (page.Remaining is { } remaining) meta["remainingItemCount"] = remaining;
        return Table(columns, meta, page.Items.Select(i => Row(resource, columns, i, includeObject, now)), withColumns: true);
    }

    public static JsonObject Single(ResourceDefinition resource, StoredObject obj, string includeObject, DateTimeOffset now, bool withColumns)
    {
        var columns = TableColumns.Of(resource);
        var meta = new JsonObject { ["resourceVersion"] = obj.Version.ToString(CultureInfo.InvariantCulture) };
        return Table(columns, meta, [Row(resource, columns, obj, includeObject, now)], withColumns);
    }

    private static JsonObject Table(IReadOnlyList<TableColumn> columns, JsonObject meta, IEnumerable<JsonObject> rows, bool withColumns) => new()
    {
        ["kind"] = "Table",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = meta,
        ["columnDefinitions"] = withColumns ? new JsonArray([.. columns.Select(c => (JsonNode)c.Definition())]) : null,
        ["rows"] = new JsonArray([.. rows.Select(r => (JsonNode)r)]),
    };

    private static JsonObject Row(ResourceDefinition resource, IReadOnlyList<TableColumn> columns, StoredObject stored, string includeObject, DateTimeOffset now)
    {
        var obj = VersionConversion.FromStorage(resource, stored.Parse());
        var row = new JsonObject { ["cells"] = new JsonArray([.. columns.Select(c => c.Cell(obj, now))]) };
        if (includeObject == "Object") row["object"] = obj;
        else if (includeObject != "None") row["object"] = PartialMetadata.Of(obj);
        return row;
    }
}
