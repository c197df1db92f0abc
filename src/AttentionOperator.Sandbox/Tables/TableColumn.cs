using System.Text.Json.Nodes;

namespace AttentionOperator.Sandbox.Tables;

/// <summary>A column: its header and how a cell is read from an object.</summary>
internal sealed record TableColumn(string Name, string Type, Func<JsonObject, DateTimeOffset, JsonNode?> Cell, int Priority = 0, string Format = "", string Description = "")
{
    public JsonObject Definition() => new()
    {
        ["name"] = Name,
        ["type"] = Type,
        ["format"] = Format.Length > 0 ? Format : Name == "Name" ? "name" : "",
        ["description"] = Description,
        ["priority"] = Priority,
    };
}
