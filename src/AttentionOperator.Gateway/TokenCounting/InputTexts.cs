using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Gateway.Requests;

namespace AttentionOperator.Gateway.TokenCounting;

/// <summary>What of a body becomes tokens, as far as the gateway understands it.</summary>
/// <param name="Texts">Separate inputs; the cap holds for each.</param>
/// <param name="Messages">A conversation that the model's chat template renders; null for other endpoints.</param>
/// <param name="Param">Field that errors name.</param>
internal sealed record InputTexts(IReadOnlyList<string> Texts, JsonArray? Messages, string Param)
{
    /// <summary>Bytes of the longest input; of a conversation its contents without the template.</summary>
    public long LongestBytes => Messages is null
        ? Texts.Select(t => (long)Encoding.UTF8.GetByteCount(t)).DefaultIfEmpty(0).Max()
        : Texts.Sum(t => (long)Encoding.UTF8.GetByteCount(t));

    /// <summary>Null for what only the runtime can count: token ids, content parts, tools, template variables, pairs.</summary>
    public static InputTexts? Read(PathString path, ReadOnlySpan<byte> body, in RequestFacts facts)
    {
        if (facts.Input.Equals(default(Range)) || facts.ShapesPrompt) return null;
        return path.Value switch
        {
            "/v1/chat/completions" => Conversation(body[facts.Input]),
            "/v1/completions" => Plain(body[facts.Input], "prompt"),
            "/v1/embeddings" or "/v1/classify" => Plain(body[facts.Input], "input"),
            _ => null,
        };
    }

    private static InputTexts? Plain(ReadOnlySpan<byte> json, string param)
    {
        var reader = new Utf8JsonReader(json);
        using var document = JsonDocument.ParseValue(ref reader);
        var root = document.RootElement;
        if (root.ValueKind == JsonValueKind.String) return new InputTexts([root.GetString()!], null, param);
        if (root.ValueKind != JsonValueKind.Array || root.EnumerateArray().Any(e => e.ValueKind != JsonValueKind.String)) return null;
        return new InputTexts([.. root.EnumerateArray().Select(e => e.GetString()!)], null, param);
    }

    private static InputTexts? Conversation(ReadOnlySpan<byte> json)
    {
        if (JsonNode.Parse(json) is not JsonArray messages) return null;
        List<string> contents = [];
        var plain = new JsonArray();
        foreach (var node in messages)
        {
            if (node is not JsonObject message || message.Count != 2 || !TryText(message, "role", out var role) || !TryText(message, "content", out var content)) return null;
            contents.Add(content);
            // Templates know the older word; the runtime renders it so.
            plain.Add(new JsonObject { ["role"] = role == "developer" ? "system" : role, ["content"] = content });
        }

        return new InputTexts(contents, plain, "messages");
    }

    private static bool TryText(JsonObject message, string name, out string text)
    {
        text = "";
        return message[name] is JsonValue value && value.TryGetValue(out text!);
    }
}
