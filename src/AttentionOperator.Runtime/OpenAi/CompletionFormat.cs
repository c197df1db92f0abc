using System.Text.Json;
using AttentionOperator.Runtime.Serving;

namespace AttentionOperator.Runtime.OpenAi;

/// <summary>Answers of <c>/v1/completions</c>.</summary>
internal sealed class CompletionFormat : AnswerFormat
{
    protected override string IdPrefix => "cmpl-";

    protected override string ObjectName => "text_completion";

    protected override string ChunkObjectName => "text_completion";

    protected override void WriteChoice(Utf8JsonWriter writer, Answer answer, ChoiceDelta choice)
    {
        writer.WriteStartObject();
        writer.WriteNumber("index", choice.Index);
        writer.WriteString("text", choice.Text);
        if (choice.LogProbs is null) writer.WriteNull("logprobs");
        else WriteLogProbs(writer, answer, choice);
        writer.WriteString("finish_reason", choice.FinishReason);
        WriteTokenIds(writer, choice);
        writer.WriteEndObject();
    }

    protected override void WriteChoiceChunk(Utf8JsonWriter writer, Answer answer, ChoiceDelta delta) => WriteChoice(writer, answer, delta);

    private static void WriteLogProbs(Utf8JsonWriter writer, Answer answer, ChoiceDelta choice)
    {
        var tokenizer = answer.Model.Tokenizer;
        var items = choice.LogProbs!;
        writer.WriteStartObject("logprobs");
        writer.WriteStartArray("tokens");
        foreach (var item in items) writer.WriteStringValue(item is null ? "" : TokenText.Of(tokenizer, item.TokenId));
        writer.WriteEndArray();
        writer.WriteStartArray("token_logprobs");
        foreach (var item in items)
        {
            if (item is null) writer.WriteNullValue();
            else writer.WriteNumberValue(TokenText.Finite(item.LogProb));
        }

        writer.WriteEndArray();
        writer.WriteStartArray("top_logprobs");
        foreach (var item in items)
        {
            if (item is null)
            {
                writer.WriteNullValue();
                continue;
            }

            writer.WriteStartObject();
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var (id, logProb) in item.Top)
            {
                var text = TokenText.Of(tokenizer, id);
                if (seen.Add(text)) writer.WriteNumber(text, TokenText.Finite(logProb));
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("text_offset");
        var offset = choice.TextOffset;
        foreach (var item in items)
        {
            writer.WriteNumberValue(offset);
            if (item is not null && !tokenizer.IsSpecial(item.TokenId)) offset += System.Text.Encoding.UTF8.GetCharCount(tokenizer.BytesOf(item.TokenId));
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
