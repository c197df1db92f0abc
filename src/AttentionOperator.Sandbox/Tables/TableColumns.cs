using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Tables;

/// <summary>The columns of each kind.</summary>
internal static class TableColumns
{
    private static readonly TableColumn Name = new("Name", "string", (o, _) => o.Name());

    private static readonly TableColumn Age = new("Age", "string", (o, now) => Ages.Since(o.At("metadata", "creationTimestamp").AsText(), now));

    public static IReadOnlyList<TableColumn> Of(ResourceDefinition resource)
    {
        if (resource.IsCustom)
        {
            return resource.Columns.Count == 0 ? [Name, Age] : [Name, .. resource.Columns.Select(Custom)];
        }

        return BuiltinColumns.Of(resource.StorageKey) is { } columns ? [Name, .. columns, .. BuiltinColumns.Extra(resource.StorageKey)] : [Name, Age];
    }

    internal static TableColumn AgeColumn => Age;

    private static TableColumn Custom(PrinterColumn column)
    {
        var path = JsonPath.Parse(column.JsonPath);
        return new TableColumn(column.Name, column.Type, (o, now) => Cell(path.First(o), column.Type, now), column.Priority, column.Format, column.Description);
    }

    private static JsonNode? Cell(JsonNode? value, string type, DateTimeOffset now) => type switch
    {
        "date" => value is null ? null : Ages.Since(value.AsText(), now),
        "integer" => value.AsInteger() is { } integer ? integer : null,
        "number" => value.AsNumber() is { } number ? number : null,
        "boolean" => value?.DeepClone(),
        _ => value is null ? null : value.AsText() ?? JsonFormat.ToText(value),
    };
}
