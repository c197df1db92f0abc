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
internal sealed partial class OpenAiErrorJson : JsonSerializerContext;
