using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AttentionOperator.Gateway.Errors;

/// <summary>The error shape of the OpenAI API.</summary>
internal sealed record OpenAiError(
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("param")] string? Param,
    [property: JsonPropertyName("code")] string? Code);

internal sealed record OpenAiErrorBody([property: JsonPropertyName("error")] OpenAiError Error);

[JsonSerializable(typeof(OpenAiErrorBody))]
internal sealed partial class OpenAiErrorJson : JsonSerializerContext
{
    /// <summary>Quotes in messages stay legible; the bodies are JSON and never part of a page.</summary>
    public static OpenAiErrorJson Readable { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
