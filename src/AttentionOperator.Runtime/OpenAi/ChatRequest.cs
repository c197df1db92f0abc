using System.Text.Json;
using AttentionOperator.Inference.Engine;
using AttentionOperator.Runtime.Http;

namespace AttentionOperator.Runtime.OpenAi;

/// <summary>Body of <c>POST /v1/chat/completions</c>.</summary>
/// <param name="Options">Common fields.</param>
/// <param name="Messages">Messages in the form that templates expect.</param>
/// <param name="Tools">Tools offered to the model; null = none.</param>
/// <param name="Variables">Further template variables.</param>
/// <param name="AddGenerationPrompt">Ask for an assistant's message.</param>
/// <param name="ToolChoice">Whether the answer must be a call.</param>
internal sealed record ChatRequest(GenerationOptions Options, IReadOnlyList<ChatMessage> Messages, JsonElement? Tools, JsonElement? Variables, bool AddGenerationPrompt, ToolChoice ToolChoice)
{
    public static ChatRequest Parse(JsonElement body, SamplingParameters defaults, int vocabularySize)
    {
        var fields = new JsonFields(body);
        var options = GenerationFields.Parse(fields, defaults, vocabularySize);
        fields.Only("modalities", e => e.ValueKind == JsonValueKind.Array && e.EnumerateArray().All(m => m.ValueKind == JsonValueKind.String && m.ValueEquals("text")), "only text is generated.");
        fields.Only("continue_final_message", e => e.ValueKind == JsonValueKind.False, "the last message is never continued.");
        var newer = fields.Integer("max_completion_tokens", 1, int.MaxValue);
        var older = fields.Integer("max_tokens", 1, int.MaxValue);
        if (newer is not null && older is not null && newer != older) throw ApiErrors.Invalid("'max_tokens' and 'max_completion_tokens' differ; send one of them.", "max_tokens");
        var (tools, choice) = ToolsOf(fields);
        var request = new ChatRequest(
            options with
            {
                MaxTokens = (int?)(newer ?? older),
                MaxTokensField = newer is not null ? "max_completion_tokens" : "max_tokens",
                LogProbs = LogProbs(fields),
                JsonSchema = ResponseFormat.Parse(fields),
            },
            ChatMessage.ParseAll(fields.Required("messages"), "messages"),
            tools,
            VariablesOf(fields),
            fields.Boolean("add_generation_prompt") ?? true,
            choice);
        fields.Finish();
        if (request.Tools is not null && request.Options.JsonSchema is not null)
        {
            throw ApiErrors.Unsupported("'tools' and a JSON 'response_format' cannot be combined.", "response_format");
        }

        return request;
    }

    internal static JsonElement? VariablesOf(JsonFields fields)
    {
        if (fields.Element("chat_template_kwargs") is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Object) throw JsonFields.WrongType(value, "chat_template_kwargs", "an object");
        return value;
    }

    private static int? LogProbs(JsonFields fields)
    {
        var top = fields.Integer("top_logprobs", 0, GenerationFields.MaxLogProbs);
        if (fields.Boolean("logprobs") == true) return (int)(top ?? 0);
        if (top is > 0) throw ApiErrors.Invalid("'top_logprobs' needs 'logprobs': true.", "top_logprobs");
        return null;
    }

    private static (JsonElement? Tools, ToolChoice Choice) ToolsOf(JsonFields fields)
    {
        var parallel = fields.Boolean("parallel_tool_calls") ?? true;
        var tools = fields.Element("tools");
        if (tools is { } list)
        {
            if (list.ValueKind != JsonValueKind.Array) throw JsonFields.WrongType(list, "tools", "an array");
            var i = 0;
            foreach (var item in list.EnumerateArray())
            {
                var path = $"tools[{i++}]";
                var tool = new JsonFields(item, path);
                var type = tool.RequiredString("type");
                if (type != "function") throw ApiErrors.Unsupported($"'{path}.type' must be 'function'.", $"{path}.type");
                var function = new JsonFields(tool.Required("function"), $"{path}.function");
                function.RequiredString("name");
                tool.Finish();
            }

            if (list.GetArrayLength() == 0) tools = null;
        }

        var choice = fields.Element("tool_choice") is { } value ? ToolChoice.Parse(value, tools) : ToolChoice.Auto;
        if (!parallel && !choice.Forced && tools is not null)
        {
            throw ApiErrors.Unsupported("'parallel_tool_calls': false is possible only with a 'tool_choice' that forces a call: a forced call is a single one.", "parallel_tool_calls");
        }

        return (choice == ToolChoice.None ? null : tools, choice);
    }
}
