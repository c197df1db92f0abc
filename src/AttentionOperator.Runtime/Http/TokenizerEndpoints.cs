using System.Text.Json;
using AttentionOperator.Runtime.OpenAi;
using AttentionOperator.Runtime.Serving;

namespace AttentionOperator.Runtime.Http;

/// <summary><c>/tokenize</c>, <c>/detokenize</c> and the <c>render</c> endpoints, which tell a router the ids that a request will have.</summary>
internal sealed class TokenizerEndpoints(RequestPipeline pipeline, PromptEncoder encoder)
{
    public async Task TokenizeAsync(RequestScope scope)
    {
        using var body = await RequestBody.ReadAsync(scope.Context, pipeline.MaxBodyBytes);
        var fields = new JsonFields(body.RootElement);
        if (fields.String("model") is { } name) scope.CheckModel(name);
        var prompt = fields.String("prompt");
        var messages = fields.Element("messages") is { } list ? ChatMessage.ParseAll(list, "messages") : null;
        if (prompt is null == messages is null) throw ApiErrors.Invalid("One of 'prompt' and 'messages' is needed.", "prompt");
        var addSpecialTokens = fields.Boolean("add_special_tokens") ?? true;
        var addGenerationPrompt = fields.Boolean("add_generation_prompt") ?? true;
        var strings = fields.Boolean("return_token_strs") ?? false;
        var tools = fields.Element("tools");
        var variables = ChatRequest.VariablesOf(fields);
        fields.Finish();
        var ids = await encoder.RunAsync(scope, tokenizer => prompt is not null
            ? tokenizer.Encode(prompt, addSpecialTokens).Ids
            : PromptEncoder.EncodeChat(scope.Model, messages!, tools, variables, addGenerationPrompt));
        await JsonText.WriteAsync(scope.Context, writer =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("count", ids.Length);
            writer.WriteNumber("max_model_len", scope.Model.MaxPositions);
            WriteIds(writer, "tokens", ids);
            if (strings)
            {
                writer.WriteStartArray("token_strs");
                foreach (var id in ids) writer.WriteStringValue(scope.Model.Tokenizer.TokenOf(id));
                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        });
    }

    public async Task DetokenizeAsync(RequestScope scope)
    {
        using var body = await RequestBody.ReadAsync(scope.Context, pipeline.MaxBodyBytes);
        var fields = new JsonFields(body.RootElement);
        if (fields.String("model") is { } name) scope.CheckModel(name);
        var ids = GenerationFields.IdsOf(fields.Required("tokens"), "tokens", scope.Model.Tokenizer.VocabularySize, int.MaxValue);
        fields.Finish();
        var text = await encoder.RunAsync(scope, tokenizer => tokenizer.Decode(ids));
        await JsonText.WriteAsync(scope.Context, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("prompt", text);
            writer.WriteEndObject();
        });
    }

    public async Task RenderCompletionAsync(RequestScope scope)
    {
        CheckTask(scope);
        using var body = await RequestBody.ReadAsync(scope.Context, pipeline.MaxBodyBytes);
        var model = scope.Model;
        var request = CompletionRequest.Parse(body.RootElement, model.DefaultSampling, model.Tokenizer.VocabularySize);
        scope.CheckModel(request.Options.Model);
        var prompts = await encoder.RunAsync(scope, _ => request.Prompts.Select(p => PromptEncoder.Encode(model, p, request.AddSpecialTokens, "prompt")).ToList());
        await JsonText.WriteAsync(scope.Context, writer =>
        {
            writer.WriteStartArray();
            for (var i = 0; i < prompts.Count; i++) WriteRendered(writer, FormattableString.Invariant($"{scope.RequestId}-{i}"), request.Options, prompts[i]);
            writer.WriteEndArray();
        });
    }

    public async Task RenderChatAsync(RequestScope scope)
    {
        CheckTask(scope);
        using var body = await RequestBody.ReadAsync(scope.Context, pipeline.MaxBodyBytes);
        var model = scope.Model;
        var request = ChatRequest.Parse(body.RootElement, model.DefaultSampling, model.Tokenizer.VocabularySize);
        scope.CheckModel(request.Options.Model);
        var ids = await encoder.RunAsync(scope, _ => PromptEncoder.EncodeChat(model, request.Messages, request.Tools, request.Variables, request.AddGenerationPrompt));
        await JsonText.WriteAsync(scope.Context, writer => WriteRendered(writer, scope.RequestId, request.Options, ids));
    }

    private static void CheckTask(RequestScope scope)
    {
        if (scope.Model.Generation is null) throw ApiErrors.NotServed($"The model '{scope.Model.Name}' is of task {scope.Model.Configuration.Task} and renders no prompts; use /tokenize.");
    }

    private static void WriteRendered(Utf8JsonWriter writer, string id, GenerationOptions options, int[] ids)
    {
        writer.WriteStartObject();
        writer.WriteString("request_id", id);
        writer.WriteString("model", options.Model);
        WriteIds(writer, "token_ids", ids);
        writer.WriteStartObject("sampling_params");
        if (options.MaxTokens is { } most) writer.WriteNumber("max_tokens", most);
        writer.WriteNumber("n", options.N);
        writer.WriteNumber("temperature", options.Sampling.Temperature);
        writer.WriteNumber("top_p", options.Sampling.TopP);
        writer.WriteEndObject();
        writer.WriteBoolean("stream", options.Stream);
        writer.WriteEndObject();
    }

    private static void WriteIds(Utf8JsonWriter writer, string name, int[] ids)
    {
        writer.WriteStartArray(name);
        foreach (var id in ids) writer.WriteNumberValue(id);
        writer.WriteEndArray();
    }
}
