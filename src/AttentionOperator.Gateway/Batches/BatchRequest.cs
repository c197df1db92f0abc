using System.Text;
using System.Text.Json;

namespace AttentionOperator.Gateway.Batches;

/// <summary>One line of a batch's input.</summary>
internal sealed record BatchRequest(string CustomId, byte[] Body)
{
    /// <exception cref="FormatException">Names the field and what was expected.</exception>
    public static BatchRequest Parse(string line, string endpoint)
    {
        try
        {
            using var document = JsonDocument.Parse(line, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) throw new FormatException("a JSON object is expected");
            if (Text(root, "custom_id") is not { Length: > 0 and <= 512 } id) throw new FormatException("'custom_id' must be a string of at most 512 characters");
            if (Text(root, "method") is not "POST") throw new FormatException("'method' must be POST");
            if (Text(root, "url") != endpoint) throw new FormatException($"'url' must be the batch's endpoint, {endpoint}");
            if (!root.TryGetProperty("body", out var body) || body.ValueKind != JsonValueKind.Object) throw new FormatException("'body' must be an object");
            if (body.TryGetProperty("stream", out var stream) && stream.ValueKind == JsonValueKind.True) throw new FormatException("'body.stream' must not be true: nobody listens to a batch");
            return new BatchRequest(id, Encoding.UTF8.GetBytes(body.GetRawText()));
        }
        catch (JsonException e)
        {
            throw new FormatException($"the line is no JSON: {e.Message}", e);
        }
    }

    private static string? Text(JsonElement root, string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
