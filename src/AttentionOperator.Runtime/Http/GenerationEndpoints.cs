using System.Text.Json;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Runtime.OpenAi;
using AttentionOperator.Runtime.Serving;

namespace AttentionOperator.Runtime.Http;

/// <summary><c>/v1/completions</c> and <c>/v1/chat/completions</c>.</summary>
internal sealed class GenerationEndpoints(RequestPipeline pipeline, PromptEncoder encoder, ChunkedGeneration chunked, GenerationService service)
{
    private const string PromptParam = "prompt";
    private const string MessagesParam = "messages";
    private static readonly CompletionFormat CompletionFormat = new();
    private static readonly ChatFormat ChatFormat = new();

    public async Task CompleteAsync(RequestScope scope)
    {
        CheckTask(scope);
        using var body = await RequestBody.ReadAsync(scope.Context, pipeline.MaxBodyBytes);
        var model = scope.Model;
        var request = CompletionRequest.Parse(body.RootElement, model.DefaultSampling, model.Tokenizer.VocabularySize);
        scope.CheckModel(request.Options.Model);
        CheckContinuation(scope, request.Options, request.Prompts.Count, request.Echo);
        Capture(scope, body.RootElement, PromptParam);
        var spent = new Usage();
        var ids = await encoder.RunAsync(scope, _ => request.Prompts.Select(p => PromptEncoder.Encode(model, p, request.AddSpecialTokens, PromptParam)).ToList());
        var prompts = new List<Prompt>(ids.Count);
        for (var i = 0; i < ids.Count; i++)
        {
            if (ids[i].Length == 0) throw ApiErrors.Invalid("A prompt has no tokens.", PromptParam);
            prompts.Add(FitPrompt(model, ids[i], request.Prompts[i], request.AddSpecialTokens) ?? await ChunkAsync(scope, request, request.Prompts[i], ids[i].Length, spent));
        }

        var budgets = prompts.Select(p => TokenCaps.OutputBudget(
            request.Options.MaxTokens, model.PositionsBefore(p.Ids), model.MaxPositions, model.MaxOutputTokens, request.Options.MaxTokensField,
            clampAsked: !body.RootElement.TryGetProperty("max_tokens", out _))).ToList();
        var job = new GenerationJob
        {
            Options = request.Options,
            Prompts = prompts,
            Budgets = budgets,
            Echo = request.Echo ? [.. prompts.Select((p, i) => request.Prompts[i].Text is { } text && p.Shortened is null ? text : model.Tokenizer.Decode(p.Ids, skipSpecialTokens: true))] : null,
            Spent = spent,
        };
        await service.AnswerAsync(scope, job, CompletionFormat);
    }

    public async Task ChatAsync(RequestScope scope)
    {
        CheckTask(scope);
        using var body = await RequestBody.ReadAsync(scope.Context, pipeline.MaxBodyBytes);
        var model = scope.Model;
        var request = ChatRequest.Parse(body.RootElement, model.DefaultSampling, model.Tokenizer.VocabularySize);
        scope.CheckModel(request.Options.Model);
        CheckContinuation(scope, request.Options, 1, echo: false);
        Capture(scope, body.RootElement, MessagesParam);
        var tools = ToolCallFormat.None;
        if (request.Tools is not null)
        {
            tools = ToolCallFormats.Of(model.ChatTemplate?.Source);
            if (tools == ToolCallFormat.None) throw ApiErrors.Unsupported("The model's chat template does not know tools, or writes calls in a way that this server does not read.", "tools");
            if (request.Options.Continuation is not null) throw ApiErrors.Unsupported("An answer with tools cannot be continued.", "attention_continuation");
        }

        var spent = new Usage();
        var ids = await encoder.RunAsync(scope, _ => PromptEncoder.EncodeChat(model, request.Messages, request.Tools, request.Variables, request.AddGenerationPrompt));
        var prompt = FitChat(model, ids) ?? await ChunkAsync(scope, request, ids.Length, spent);
        ForcedToolCall? forced = null;
        if (request.ToolChoice.Forced)
        {
            forced = ForcedToolCall.Of(tools, request.Tools!.Value, request.ToolChoice.Name);
            prompt = prompt with { Ids = [.. prompt.Ids, .. forced.MarkerIds(model.Tokenizer)] };
        }

        var budget = TokenCaps.OutputBudget(request.Options.MaxTokens, model.PositionsBefore(prompt.Ids), model.MaxPositions, model.MaxOutputTokens, request.Options.MaxTokensField);
        var job = new GenerationJob { Options = request.Options, Prompts = [prompt], Budgets = [budget], ToolCalls = tools, ForcedCall = forced, Spent = spent };
        await service.AnswerAsync(scope, job, ChatFormat);
    }

    public Prompt? FitPrompt(ServedModel model, int[] ids, TextOrIds input, bool addSpecialTokens)
    {
        // Ids of a client have no frame of ours that truncation would have to keep.
        var framed = input.Text is not null && addSpecialTokens;
        return TokenCaps.Fit(ids, model.MaxInputTokens, model.Configuration.Limits.OnTooLong, framed ? encoder.Frame.Prefix.Length : 0, framed ? encoder.Frame.Suffix.Length : 0, PromptParam);
    }

    public static Prompt? FitChat(ServedModel model, int[] ids)
    {
        var policy = model.Configuration.Limits.OnTooLong;
        return TokenCaps.Fit(ids, model.MaxInputTokens, policy, 0, 0, MessagesParam);
    }

    private Task<Prompt> ChunkAsync(RequestScope scope, CompletionRequest request, TextOrIds input, int tokens, Usage spent)
    {
        CheckChunkable(request.Options);
        var tokenizer = scope.Model.Tokenizer;
        var document = input.Text ?? tokenizer.Decode(input.Ids, skipSpecialTokens: true);
        return chunked.ReduceAsync(scope, request.Options, document, text => tokenizer.Encode(text, request.AddSpecialTokens).Ids, tokens, PromptParam, spent);
    }

    private Task<Prompt> ChunkAsync(RequestScope scope, ChatRequest request, int tokens, Usage spent)
    {
        CheckChunkable(request.Options);
        // The longest message is the document; the others are what is asked about it.
        var longest = 0;
        for (var i = 1; i < request.Messages.Count; i++)
        {
            if ((request.Messages[i].Content?.Length ?? 0) > (request.Messages[longest].Content?.Length ?? 0)) longest = i;
        }

        var model = scope.Model;
        int[] Render(string text)
        {
            var messages = request.Messages.ToList();
            messages[longest] = messages[longest] with { Content = text };
            return PromptEncoder.EncodeChat(model, messages, request.Tools, request.Variables, request.AddGenerationPrompt);
        }

        return chunked.ReduceAsync(scope, request.Options, request.Messages[longest].Content ?? "", Render, tokens, MessagesParam, spent);
    }

    private static void Capture(RequestScope scope, JsonElement body, string field)
    {
        if (scope.CapturesContent) scope.Trace.Tag("gen_ai.input.messages", body.GetProperty(field).GetRawText());
    }

    private static void CheckTask(RequestScope scope)
    {
        if (scope.Model.Generation is null)
        {
            throw ApiErrors.NotServed($"The model '{scope.Model.Name}' is of task {scope.Model.Configuration.Task} and generates no text; see /v1/models.");
        }
    }

    private static void CheckChunkable(GenerationOptions options)
    {
        if (options.Continuation is not null) throw ApiErrors.Unsupported("An answer over chunks cannot be continued.", "attention_continuation");
        if (options.JsonSchema is not null) throw ApiErrors.Unsupported("Input beyond the cap cannot be chunked for a JSON answer.", "response_format");
    }

    private static void CheckContinuation(RequestScope scope, GenerationOptions options, int prompts, bool echo)
    {
        if (options.Continuation is null) return;
        if (!scope.Caller.IsInternal) throw ApiErrors.Forbidden("'attention_continuation' is for internal callers only.", "attention_continuation");
        if (prompts != 1 || options.N != 1 || echo) throw ApiErrors.Unsupported("Only a single choice of a single prompt, without echo, can be continued.", "attention_continuation");
    }
}
