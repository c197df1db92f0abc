using System.Text.Json;

namespace AttentionOperator.Gateway.Requests;

/// <summary>
/// What the gateway needs to know of a JSON body, found in one forward pass that builds no document. Nested values are skipped.
/// </summary>
/// <param name="Model">Value of <c>model</c>; null where it is absent.</param>
/// <param name="User">Value of <c>user</c>.</param>
/// <param name="Stream">Value of <c>stream</c>.</param>
/// <param name="MaxTokens">Value of <c>max_completion_tokens</c> or <c>max_tokens</c>.</param>
internal readonly record struct RequestFacts(string? Model, string? User, bool Stream, int? MaxTokens)
{
    private const int MaxDepth = 64;

    /// <exception cref="JsonException">The body is not one JSON object, or nests deeper than 64.</exception>
    public static RequestFacts Read(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException("The body must be a JSON object.");
        var facts = default(RequestFacts);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("model"u8)) facts = facts with { Model = ReadString(ref reader, "model") };
            else if (reader.ValueTextEquals("user"u8)) facts = facts with { User = ReadString(ref reader, "user") };
            else if (reader.ValueTextEquals("stream"u8)) facts = facts with { Stream = ReadBoolean(ref reader) };
            else if (reader.ValueTextEquals("max_completion_tokens"u8)) facts = facts with { MaxTokens = ReadNumber(ref reader) ?? facts.MaxTokens };
            else if (reader.ValueTextEquals("max_tokens"u8))
            {
                // Read in any case: an operand that is skipped would leave the reader before the value.
                var number = ReadNumber(ref reader);
                facts = facts with { MaxTokens = facts.MaxTokens ?? number };
            }
            else reader.Skip();
        }

        // A second value after the object, or a truncated one, must not reach a runtime that might read it differently.
        while (reader.Read()) throw new JsonException("The body must be one JSON object.");
        return facts;
    }

    private static string? ReadString(ref Utf8JsonReader reader, string name)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null) return null;
        return reader.TokenType == JsonTokenType.String ? reader.GetString() : throw new JsonException($"{name} must be a string.");
    }

    // Values of the wrong type are the runtime's to refuse, with its own message; here they only must not be misread.
    private static bool ReadBoolean(ref Utf8JsonReader reader)
    {
        reader.Read();
        var value = reader.TokenType == JsonTokenType.True;
        reader.Skip();
        return value;
    }

    private static int? ReadNumber(ref Utf8JsonReader reader)
    {
        reader.Read();
        int? value = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number) ? number : null;
        reader.Skip();
        return value;
    }
}
