using System.Text.Json;

namespace AttentionOperator.Inference.Configuration;

/// <summary>System.Text.Json parses strings lazily: invalid UTF-8 or a lone surrogate shows only when the string is read.</summary>
internal static class JsonStrings
{
    /// <summary>Parses, and reads every string once, so that later reads cannot fail.</summary>
    /// <exception cref="JsonException">Not JSON, or a string is not valid text.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> json, JsonDocumentOptions options)
    {
        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(json, options);
            Walk(document.RootElement);
            return document;
        }
        catch (InvalidOperationException error)
        {
            document?.Dispose();
            throw new JsonException("a string holds invalid text", error);
        }
    }

    private static void Walk(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                _ = element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                    Walk(item);
                break;
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    _ = property.Name;
                    Walk(property.Value);
                }

                break;
        }
    }
}
