using System.Text.Json;

namespace AttentionOperator.Gateway.Requests;

/// <summary>
/// What the gateway needs to know of a JSON body, found in one forward pass that builds no document. Nested values are skipped.
/// </summary>
internal readonly record struct RequestFacts
{
    private const int MaxDepth = 64;

    /// <summary>Value of <c>model</c>; null where it is absent.</summary>
    public string? Model { get; init; }

    /// <summary>Value of <c>user</c>.</summary>
    public string? User { get; init; }

    /// <summary>Value of <c>stream</c>.</summary>
    public bool Stream { get; init; }

    /// <summary>Value of <c>max_completion_tokens</c>, else <c>max_tokens</c>.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Value of <c>n</c>; 1 where it is absent.</summary>
    public int Choices { get; init; }

    /// <summary>The caller wants the usage at the end of its stream.</summary>
    public bool IncludeUsage { get; init; }

    /// <summary>Where the value of <c>stream_options</c> is; empty where it is absent or no object.</summary>
    public Range StreamOptions { get; init; }

    /// <summary>Where the value of <c>messages</c>, <c>prompt</c>, <c>input</c> or <c>query</c> is: what makes up the input.</summary>
    public Range Input { get; init; }

    /// <summary>The body has fields (tools, variables of the chat template, …) that change what the prompt becomes.</summary>
    public bool ShapesPrompt { get; init; }

    /// <summary>The same request always gets the same answer: it asks for temperature 0.</summary>
    public bool IsGreedy { get; init; }

    /// <summary>The body has a field that only the gateway may send.</summary>
    public bool HasInternalField { get; init; }

    /// <summary>Position of the object's closing brace.</summary>
    public int End { get; init; }

    /// <summary>The object has no field at all.</summary>
    public bool IsEmpty { get; init; }

    /// <exception cref="JsonException">The body is not one JSON object, nests deeper than 64, or names a field twice that the gateway decides by.</exception>
    public static RequestFacts Read(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException("The body must be a JSON object.");
        var facts = new RequestFacts { Choices = 1, IsEmpty = true };
        int? maxTokens = null, maxCompletionTokens = null;
        var seen = Field.None;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = FieldOf(ref reader);
            // Whoever reads the body after the gateway might take the other one: what was checked must be what is run.
            if (field is not (Field.None or Field.Shaping) && (seen & field) != 0) throw new JsonException($"The field {field} occurs twice.");
            seen |= field;
            reader.Read();
            facts = field switch
            {
                Field.Model => facts with { Model = StringOf(ref reader, "model") },
                Field.User => facts with { User = StringOf(ref reader, "user") },
                Field.Stream => facts with { Stream = reader.TokenType == JsonTokenType.True },
                Field.Choices => facts with { Choices = Math.Clamp(NumberOf(ref reader) ?? 1, 1, 1024) },
                Field.Shaping => facts with { ShapesPrompt = true },
                Field.Temperature => facts with { IsGreedy = reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var temperature) && temperature == 0 },
                Field.Internal => facts with { HasInternalField = true },
                _ => facts,
            };
            if (field == Field.MaxTokens) maxTokens = NumberOf(ref reader);
            if (field == Field.MaxCompletionTokens) maxCompletionTokens = NumberOf(ref reader);
            var start = (int)reader.TokenStartIndex;
            if (field == Field.StreamOptions && reader.TokenType == JsonTokenType.StartObject) facts = facts with { IncludeUsage = ReadStreamOptions(ref reader) };
            else reader.Skip();
            var range = new Range(start, (int)reader.BytesConsumed);
            facts = field switch
            {
                Field.StreamOptions when reader.TokenType == JsonTokenType.EndObject => facts with { StreamOptions = range, IsEmpty = false },
                Field.Messages or Field.Prompt or Field.Input or Field.Query => facts with { Input = range, IsEmpty = false },
                _ => facts with { IsEmpty = false },
            };
        }

        var end = (int)reader.TokenStartIndex;
        // A second value after the object, or a truncated one, must not reach a runtime that might read it differently.
        while (reader.Read()) throw new JsonException("The body must be one JSON object.");
        return facts with { MaxTokens = maxCompletionTokens ?? maxTokens, End = end };
    }

    private static Field FieldOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("model"u8) ? Field.Model
        : reader.ValueTextEquals("messages"u8) ? Field.Messages
        : reader.ValueTextEquals("prompt"u8) ? Field.Prompt
        : reader.ValueTextEquals("input"u8) ? Field.Input
        : reader.ValueTextEquals("query"u8) ? Field.Query
        : reader.ValueTextEquals("stream"u8) ? Field.Stream
        : reader.ValueTextEquals("stream_options"u8) ? Field.StreamOptions
        : reader.ValueTextEquals("max_completion_tokens"u8) ? Field.MaxCompletionTokens
        : reader.ValueTextEquals("max_tokens"u8) ? Field.MaxTokens
        : reader.ValueTextEquals("user"u8) ? Field.User
        : reader.ValueTextEquals("n"u8) ? Field.Choices
        : reader.ValueTextEquals("attention_continuation"u8) ? Field.Internal
        : reader.ValueTextEquals("temperature"u8) ? Field.Temperature
        : reader.ValueTextEquals("tools"u8) || reader.ValueTextEquals("chat_template_kwargs"u8) || reader.ValueTextEquals("add_generation_prompt"u8) || reader.ValueTextEquals("functions"u8) || reader.ValueTextEquals("add_special_tokens"u8) || reader.ValueTextEquals("truncate_prompt_tokens"u8) ? Field.Shaping
        : Field.None;

    private static bool ReadStreamOptions(ref Utf8JsonReader reader)
    {
        var include = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isUsage = reader.ValueTextEquals("include_usage"u8);
            reader.Read();
            if (isUsage) include = reader.TokenType == JsonTokenType.True;
            reader.Skip();
        }

        return include;
    }

    private static string? StringOf(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType == JsonTokenType.Null) return null;
        return reader.TokenType == JsonTokenType.String ? reader.GetString() : throw new JsonException($"{name} must be a string.");
    }

    // Values of the wrong type are the runtime's to refuse, with its own message; here they only must not be misread.
    private static int? NumberOf(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number) ? number : null;

    [Flags]
    private enum Field
    {
        None = 0,
        Model = 1,
        User = 2,
        Stream = 4,
        MaxTokens = 8,
        MaxCompletionTokens = 16,
        Choices = 32,
        StreamOptions = 64,
        Messages = 128,
        Prompt = 256,
        Input = 512,
        Query = 1024,
        Internal = 2048,
        Shaping = 4096,
        Temperature = 8192,
    }
}
