using System.Text.Json;

namespace AttentionOperator.Gateway.Forwarding;

/// <summary>Tokens of one answer, as the runtime counted them.</summary>
/// <param name="Input">Tokens of the prompt.</param>
/// <param name="Output">Tokens generated.</param>
internal readonly record struct TokenUsage(long Input, long Output)
{
    /// <summary>Reads a <c>usage</c> object; null where the value is none. Leaves the reader at the value's end.</summary>
    public static TokenUsage? Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        long input = 0, output = 0, total = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = reader.ValueTextEquals("prompt_tokens"u8) ? 1 : reader.ValueTextEquals("completion_tokens"u8) ? 2 : reader.ValueTextEquals("total_tokens"u8) ? 3 : 0;
            reader.Read();
            if (field != 0 && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value))
            {
                if (field == 1) input = value;
                else if (field == 2) output = value;
                else total = value;
            }

            reader.Skip();
        }

        // Embeddings report prompt_tokens, rerankers of some servers only a total.
        return new TokenUsage(input == 0 && output == 0 ? total : input, output);
    }

    /// <summary>
    /// Finds the usage of a whole answer by its last <c>"usage":</c>. Inside a JSON string the quotes would be escaped, so these bytes are always a property.
    /// </summary>
    public static TokenUsage? Find(ReadOnlySpan<byte> json)
    {
        var at = json.LastIndexOf("\"usage\":"u8);
        if (at < 0) return null;
        try
        {
            var reader = new Utf8JsonReader(json[(at + 8)..]);
            return reader.Read() ? Read(ref reader) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
