using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Tokenization;

namespace AttentionOperator.Runtime.Serving;

/// <summary>
/// An answer that has to be a tool call: the model's own announcement of one is put at the end of the prompt, and what follows is held to a JSON schema.
/// </summary>
/// <param name="Marker">Text that announces the call; empty where the call itself is all there is.</param>
/// <param name="JsonSchema">What follows it.</param>
internal sealed record ForcedToolCall(string Marker, string JsonSchema)
{
    /// <param name="format">How the model writes calls.</param>
    /// <param name="tools">The tools of the request.</param>
    /// <param name="name">The one to call; null = any of them.</param>
    public static ForcedToolCall Of(ToolCallFormat format, JsonElement tools, string? name)
    {
        var calls = new JsonArray();
        foreach (var tool in tools.EnumerateArray())
        {
            var function = tool.GetProperty("function");
            if (name is null || function.GetProperty("name").ValueEquals(name)) calls.Add(CallOf(function, format == ToolCallFormat.Bare ? "parameters" : "arguments"));
        }

        JsonNode call = calls.Count == 1 ? calls[0]!.DeepClone() : new JsonObject { ["anyOf"] = calls };
        if (format == ToolCallFormat.Listed) call = new JsonObject { ["type"] = "array", ["items"] = call, ["minItems"] = 1, ["maxItems"] = 1 };
        return new ForcedToolCall(ToolCallFormats.MarkerOf(format) ?? "", call.ToJsonString());
    }

    /// <summary>The ids that announce the call.</summary>
    public int[] MarkerIds(ITokenizer tokenizer)
    {
        if (Marker.Length == 0) return [];
        return tokenizer.IdOf(Marker) is { } id && tokenizer.IsSpecial(id) ? [id] : tokenizer.Encode(Marker, addSpecialTokens: false).Ids;
    }

    private static JsonObject CallOf(JsonElement function, string arguments) => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["name"] = new JsonObject { ["const"] = function.GetProperty("name").GetString() },
            [arguments] = function.TryGetProperty("parameters", out var parameters) && parameters.ValueKind == JsonValueKind.Object ? JsonObject.Create(parameters) : new JsonObject { ["type"] = "object" },
        },
        ["required"] = new JsonArray("name", arguments),
        ["additionalProperties"] = false,
    };
}
