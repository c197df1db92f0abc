using System.Text;
using System.Text.Json;
using AttentionOperator.Runtime.Http;

namespace AttentionOperator.Runtime.OpenAi;

/// <summary>One message of a conversation.</summary>
internal sealed record ChatMessage
{
    private const int MaxMessages = 4096;

    public required string Role { get; init; }

    /// <summary>Text; null for an assistant's message that only calls tools.</summary>
    public string? Content { get; init; }

    public string? Name { get; init; }

    public string? ToolCallId { get; init; }

    /// <summary>Calls as sent, arguments parsed into objects as templates expect them.</summary>
    public JsonElement? ToolCalls { get; init; }

    public static List<ChatMessage> ParseAll(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Array) throw JsonFields.WrongType(value, path, "an array of messages");
        var count = value.GetArrayLength();
        if (count is 0 or > MaxMessages) throw ApiErrors.Invalid($"'{path}' has {count} messages; 1 to {MaxMessages} are allowed.", path);
        var messages = new List<ChatMessage>(count);
        foreach (var item in value.EnumerateArray()) messages.Add(Parse(item, $"{path}[{messages.Count}]"));
        return messages;
    }

    /// <summary>The messages as a JSON array for a template.</summary>
    public static JsonElement ToJson(IReadOnlyList<ChatMessage> messages)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartArray();
            foreach (var message in messages)
            {
                writer.WriteStartObject();
                writer.WriteString("role", message.Role);
                writer.WriteString("content", message.Content);
                if (message.Name is not null) writer.WriteString("name", message.Name);
                if (message.ToolCallId is not null) writer.WriteString("tool_call_id", message.ToolCallId);
                if (message.ToolCalls is { } calls)
                {
                    writer.WritePropertyName("tool_calls");
                    WriteCalls(writer, calls);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        using var document = JsonDocument.Parse(stream.ToArray(), new JsonDocumentOptions { MaxDepth = 2 * RequestBody.MaxDepth });
        return document.RootElement.Clone();
    }

    private static ChatMessage Parse(JsonElement item, string path)
    {
        var fields = new JsonFields(item, path);
        fields.Ignore("refusal", "annotations", "audio");
        var role = fields.RequiredString("role");
        if (role is not ("system" or "developer" or "user" or "assistant" or "tool"))
        {
            throw ApiErrors.Invalid($"'{path}.role' must be system, developer, user, assistant or tool.", $"{path}.role");
        }

        var calls = fields.Element("tool_calls");
        if (calls is { ValueKind: not JsonValueKind.Array } other) throw JsonFields.WrongType(other, $"{path}.tool_calls", "an array");
        var content = fields.Element("content") is { } value ? Text(value, $"{path}.content") : null;
        if (content is null && calls is null) throw ApiErrors.Invalid($"'{path}.content' is missing.", $"{path}.content");
        var message = new ChatMessage
        {
            // Templates know the older word.
            Role = role == "developer" ? "system" : role,
            Content = content,
            Name = fields.String("name"),
            ToolCallId = fields.String("tool_call_id"),
            ToolCalls = calls,
        };
        fields.Finish();
        return message;
    }

    private static string Text(JsonElement value, string path)
    {
        if (value.ValueKind == JsonValueKind.String) return JsonFields.StringOf(value, path);
        if (value.ValueKind != JsonValueKind.Array) throw JsonFields.WrongType(value, path, "a string or an array of parts");
        var text = new StringBuilder();
        var i = 0;
        foreach (var item in value.EnumerateArray())
        {
            var part = new JsonFields(item, $"{path}[{i}]");
            var type = part.RequiredString("type");
            if (type != "text") throw ApiErrors.Unsupported($"'{path}[{i}].type' must be 'text': this model reads nothing else.", $"{path}[{i}].type");
            text.Append(part.RequiredString("text"));
            part.Finish();
            i++;
        }

        return text.ToString();
    }

    private static void WriteCalls(Utf8JsonWriter writer, JsonElement calls)
    {
        writer.WriteStartArray();
        foreach (var call in calls.EnumerateArray())
        {
            if (call.ValueKind != JsonValueKind.Object || !call.TryGetProperty("function", out var function) || function.ValueKind != JsonValueKind.Object)
            {
                throw ApiErrors.Invalid("'tool_calls' entries must have a 'function'.", "messages");
            }

            writer.WriteStartObject();
            foreach (var property in call.EnumerateObject())
            {
                if (property.Name != "function")
                {
                    property.WriteTo(writer);
                    continue;
                }

                writer.WriteStartObject("function");
                foreach (var inner in function.EnumerateObject())
                {
                    if (inner.Name == "arguments" && inner.Value.ValueKind == JsonValueKind.String) WriteArguments(writer, inner.Value.GetString()!);
                    else inner.WriteTo(writer);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteArguments(Utf8JsonWriter writer, string arguments)
    {
        writer.WritePropertyName("arguments");
        try
        {
            using var parsed = JsonDocument.Parse(arguments);
            parsed.RootElement.WriteTo(writer);
        }
        catch (JsonException)
        {
            writer.WriteStringValue(arguments);
        }
    }
}
