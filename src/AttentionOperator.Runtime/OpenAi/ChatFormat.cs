using System.Globalization;
using System.Text.Json;
using AttentionOperator.Inference.Engine;
using AttentionOperator.Runtime.Serving;
using AttentionOperator.Tokenization;

namespace AttentionOperator.Runtime.OpenAi;

/// <summary>Answers of <c>/v1/chat/completions</c>.</summary>
internal sealed class ChatFormat : AnswerFormat
{
    protected override string IdPrefix => "chatcmpl-";

    protected override string ObjectName => "chat.completion";

    protected override string ChunkObjectName => "chat.completion.chunk";

    protected override void WriteChoice(Utf8JsonWriter writer, Answer answer, ChoiceDelta choice)
    {
        writer.WriteStartObject();
        writer.WriteNumber("index", choice.Index);
        writer.WriteStartObject("message");
        writer.WriteString("role", "assistant");
        if (choice.ToolCalls.Count > 0 && choice.Text.Length == 0) writer.WriteNull("content");
        else writer.WriteString("content", choice.Text);
        writer.WriteNull("refusal");
        if (choice.ToolCalls.Count > 0) WriteToolCalls(writer, answer, choice, withIndex: false);
        writer.WriteEndObject();
        WriteLogProbs(writer, answer.Model.Tokenizer, choice.LogProbs);
        writer.WriteString("finish_reason", choice.FinishReason);
        WriteTokenIds(writer, choice);
        writer.WriteEndObject();
    }

    protected override void WriteChoiceChunk(Utf8JsonWriter writer, Answer answer, ChoiceDelta delta)
    {
        writer.WriteStartObject();
        writer.WriteNumber("index", delta.Index);
        writer.WriteStartObject("delta");
        if (delta.IsFirst) writer.WriteString("role", "assistant");
        if (delta.Text.Length > 0 || delta.IsFirst) writer.WriteString("content", delta.Text);
        if (delta.ToolCalls.Count > 0) WriteToolCalls(writer, answer, delta, withIndex: true);
        writer.WriteEndObject();
        WriteLogProbs(writer, answer.Model.Tokenizer, delta.LogProbs);
        writer.WriteString("finish_reason", delta.FinishReason);
        WriteTokenIds(writer, delta);
        writer.WriteEndObject();
    }

    private static void WriteToolCalls(Utf8JsonWriter writer, Answer answer, ChoiceDelta choice, bool withIndex)
    {
        writer.WriteStartArray("tool_calls");
        for (var i = 0; i < choice.ToolCalls.Count; i++)
        {
            writer.WriteStartObject();
            if (withIndex) writer.WriteNumber("index", i);
            writer.WriteString("id", string.Create(CultureInfo.InvariantCulture, $"call_{answer.Id}_{choice.Index}_{i}"));
            writer.WriteString("type", "function");
            writer.WriteStartObject("function");
            writer.WriteString("name", choice.ToolCalls[i].Name);
            writer.WriteString("arguments", choice.ToolCalls[i].Arguments);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteLogProbs(Utf8JsonWriter writer, ITokenizer tokenizer, List<TokenLogProb?>? items)
    {
        if (items is null)
        {
            writer.WriteNull("logprobs");
            return;
        }

        writer.WriteStartObject("logprobs");
        writer.WriteStartArray("content");
        foreach (var item in items)
        {
            if (item is null) continue;
            writer.WriteStartObject();
            WriteToken(writer, tokenizer, item.TokenId, item.LogProb);
            writer.WriteStartArray("top_logprobs");
            foreach (var (id, logProb) in item.Top)
            {
                writer.WriteStartObject();
                WriteToken(writer, tokenizer, id, logProb);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteNull("refusal");
        writer.WriteEndObject();
    }

    private static void WriteToken(Utf8JsonWriter writer, ITokenizer tokenizer, int id, float logProb)
    {
        writer.WriteString("token", TokenText.Of(tokenizer, id));
        writer.WriteNumber("logprob", TokenText.Finite(logProb));
        writer.WriteStartArray("bytes");
        foreach (var b in tokenizer.BytesOf(id)) writer.WriteNumberValue(b);
        writer.WriteEndArray();
    }
}
