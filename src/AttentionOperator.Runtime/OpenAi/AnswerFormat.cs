using System.Text.Json;
using AttentionOperator.Runtime.Serving;

namespace AttentionOperator.Runtime.OpenAi;

/// <summary>Writes generations in the shape of one endpoint.</summary>
internal abstract class AnswerFormat
{
    protected abstract string IdPrefix { get; }

    protected abstract string ObjectName { get; }

    protected abstract string ChunkObjectName { get; }

    public string NewId(string requestId) => IdPrefix + requestId;

    public void WriteAnswer(Utf8JsonWriter writer, Answer answer, IReadOnlyList<ChoiceDelta> choices, Usage usage)
    {
        WriteHead(writer, answer, ObjectName);
        writer.WriteStartArray("choices");
        foreach (var choice in choices) WriteChoice(writer, answer, choice);
        writer.WriteEndArray();
        WriteUsage(writer, usage);
        WriteShortened(writer, answer.Shortened);
        writer.WriteEndObject();
    }

    public void WriteChunk(Utf8JsonWriter writer, Answer answer, ChoiceDelta delta, bool usage)
    {
        WriteHead(writer, answer, ChunkObjectName);
        writer.WriteStartArray("choices");
        WriteChoiceChunk(writer, answer, delta);
        writer.WriteEndArray();
        if (usage) writer.WriteNull("usage");
        if (delta.IsFirst) WriteShortened(writer, answer.Shortened);
        writer.WriteEndObject();
    }

    public void WriteUsageChunk(Utf8JsonWriter writer, Answer answer, Usage usage)
    {
        WriteHead(writer, answer, ChunkObjectName);
        writer.WriteStartArray("choices");
        writer.WriteEndArray();
        WriteUsage(writer, usage);
        writer.WriteEndObject();
    }

    public static void WriteUsage(Utf8JsonWriter writer, Usage usage)
    {
        writer.WriteStartObject("usage");
        writer.WriteNumber("prompt_tokens", usage.PromptTokens);
        writer.WriteNumber("completion_tokens", usage.CompletionTokens);
        writer.WriteNumber("total_tokens", usage.PromptTokens + usage.CompletionTokens);
        writer.WriteStartObject("prompt_tokens_details");
        writer.WriteNumber("cached_tokens", usage.CachedTokens);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    public static void WriteShortened(Utf8JsonWriter writer, Shortening? shortened)
    {
        if (shortened is null) return;
        writer.WriteStartObject("attention_truncated");
        writer.WriteString("policy", shortened.Policy.ToString());
        writer.WriteNumber("original_tokens", shortened.OriginalTokens);
        writer.WriteNumber("kept_tokens", shortened.KeptTokens);
        writer.WriteNumber("chunks", shortened.Chunks);
        writer.WriteEndObject();
    }

    protected abstract void WriteChoice(Utf8JsonWriter writer, Answer answer, ChoiceDelta choice);

    protected abstract void WriteChoiceChunk(Utf8JsonWriter writer, Answer answer, ChoiceDelta delta);

    protected static void WriteTokenIds(Utf8JsonWriter writer, ChoiceDelta delta)
    {
        if (delta.TokenIds is null) return;
        writer.WriteStartArray("token_ids");
        foreach (var id in delta.TokenIds) writer.WriteNumberValue(id);
        writer.WriteEndArray();
    }

    private static void WriteHead(Utf8JsonWriter writer, Answer answer, string objectName)
    {
        writer.WriteStartObject();
        writer.WriteString("id", answer.Id);
        writer.WriteString("object", objectName);
        writer.WriteNumber("created", answer.Created);
        writer.WriteString("model", answer.ModelName);
        writer.WriteString("system_fingerprint", answer.Model.Configuration.Revision);
    }
}
