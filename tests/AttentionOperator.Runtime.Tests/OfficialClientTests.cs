using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text;
using System.Text.Json;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Runtime.Tests.Fakes;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;
using OpenAI.Models;

namespace AttentionOperator.Runtime.Tests;

/// <summary>The official OpenAI client against the server.</summary>
public sealed class OfficialClientTests
{
    private static OpenAIClientOptions Options(TestServer server) => new() { Endpoint = new Uri(server.Address, "/v1"), RetryPolicy = new System.ClientModel.Primitives.ClientRetryPolicy(0) };

    private static ChatClient Chat(TestServer server) => new("tiny", new ApiKeyCredential("none"), Options(server));

    [Fact]
    public async Task Completes_a_chat()
    {
        var (server, _) = await TestServer.GenerateAsync(r => "Grüß dich, 世界");
        await using var owned = server;
        ChatCompletion completion = await Chat(server).CompleteChatAsync(
            [new SystemChatMessage("Be kind."), new UserChatMessage("Hello")],
            new ChatCompletionOptions { MaxOutputTokenCount = 100, Temperature = 0.5f, IncludeLogProbabilities = true, TopLogProbabilityCount = 2, StopSequences = { "END" } });
        Assert.Equal("Grüß dich, 世界", completion.Content[0].Text);
        Assert.Equal(ChatFinishReason.Stop, completion.FinishReason);
        Assert.Equal(ChatMessageRole.Assistant, completion.Role);
        Assert.Equal(completion.Usage.InputTokenCount + completion.Usage.OutputTokenCount, completion.Usage.TotalTokenCount);
        Assert.Equal(19, completion.ContentTokenLogProbabilities.Count);
        Assert.Equal(2, completion.ContentTokenLogProbabilities[0].TopLogProbabilities.Count);
        Assert.Equal("G", completion.ContentTokenLogProbabilities[0].Token);
    }

    [Fact]
    public async Task Streams_a_chat()
    {
        var (server, _) = await TestServer.GenerateAsync(_ => "Grüß dich, 世界");
        await using var owned = server;
        var text = new StringBuilder();
        ChatTokenUsage? usage = null;
        ChatFinishReason? finish = null;
        ChatMessageRole? role = null;
        await foreach (var update in Chat(server).CompleteChatStreamingAsync([new UserChatMessage("Hello")]))
        {
            foreach (var part in update.ContentUpdate) text.Append(part.Text);
            usage ??= update.Usage;
            finish ??= update.FinishReason;
            role ??= update.Role;
        }

        Assert.Equal("Grüß dich, 世界", text.ToString());
        Assert.Equal(ChatFinishReason.Stop, finish);
        Assert.Equal(ChatMessageRole.Assistant, role);
        Assert.Equal(20, usage!.OutputTokenCount);
    }

    [Fact]
    public async Task Calls_tools_streamed_and_not()
    {
        const string call = "<tool_call>{\"name\":\"weather\",\"arguments\":{\"city\":\"Rom\"}}</tool_call>";
        var (server, _) = await TestServer.GenerateAsync(_ => call, template: new PlainTemplate("tools <tool_call>"));
        await using var owned = server;
        var options = new ChatCompletionOptions { Tools = { ChatTool.CreateFunctionTool("weather", "the weather", BinaryData.FromString("""{"type":"object"}""")) } };
        ChatCompletion completion = await Chat(server).CompleteChatAsync([new UserChatMessage("Rome?")], options);
        Assert.Equal(ChatFinishReason.ToolCalls, completion.FinishReason);
        Assert.Equal("weather", completion.ToolCalls.Single().FunctionName);
        Assert.Equal("""{"city":"Rom"}""", completion.ToolCalls.Single().FunctionArguments.ToString());

        var name = "";
        await foreach (var update in Chat(server).CompleteChatStreamingAsync([new UserChatMessage("Rome?")], options))
        {
            foreach (var part in update.ToolCallUpdates) name += part.FunctionName;
        }

        Assert.Equal("weather", name);

        // What it said goes back into the conversation.
        ChatCompletion next = await Chat(server).CompleteChatAsync(
            [new UserChatMessage("Rome?"), new AssistantChatMessage(completion), new ToolChatMessage(completion.ToolCalls[0].Id, "sunny")], options);
        Assert.Equal(ChatFinishReason.ToolCalls, next.FinishReason);
    }

    [Fact]
    public async Task Gets_embeddings()
    {
        var (server, _) = await TestServer.EncodeAsync(ModelTask.Embed);
        await using var owned = server;
        var client = new EmbeddingClient("tiny", new ApiKeyCredential("none"), Options(server));
        OpenAIEmbeddingCollection embeddings = await client.GenerateEmbeddingsAsync(["one", "two"], new EmbeddingGenerationOptions { Dimensions = 8 });
        Assert.Equal(2, embeddings.Count);
        Assert.Equal(8, embeddings[1].ToFloats().Length);
        Assert.Equal(8, embeddings.Usage.TotalTokenCount);
    }

    [Fact]
    public async Task Lists_models()
    {
        var (server, _) = await TestServer.GenerateAsync(_ => "x");
        await using var owned = server;
        var client = new OpenAIModelClient(new ApiKeyCredential("none"), Options(server));
        OpenAIModelCollection models = await client.GetModelsAsync();
        Assert.Equal("tiny", models.Single().Id);
        OpenAIModel model = await client.GetModelAsync("tiny");
        Assert.Equal("team", model.OwnedBy);
    }

    [Fact]
    public async Task Shows_errors_as_the_client_expects_them()
    {
        var (server, _) = await TestServer.GenerateAsync(_ => "x", maxInput: 5);
        await using var owned = server;
        var error = await Assert.ThrowsAsync<ClientResultException>(() => Chat(server).CompleteChatAsync([new UserChatMessage("far too long for five")]));
        Assert.Equal(400, error.Status);
        Assert.Contains("at most 5", error.Message, StringComparison.Ordinal);
        Assert.Contains("context_length_exceeded", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Completes_texts_over_the_clients_transport_streamed_and_not()
    {
        var (server, _) = await TestServer.GenerateAsync(_ => "Grüß dich, 世界");
        await using var owned = server;
        using (var answer = await SendAsync(server, "POST", "/v1/completions", """{"model":"tiny","prompt":"Hello","max_tokens":100}"""))
        {
            using var body = JsonDocument.Parse(answer.Content);
            Assert.Equal("Grüß dich, 世界", body.RootElement.GetProperty("choices")[0].GetProperty("text").GetString());
        }

        using var stream = await SendAsync(server, "POST", "/v1/completions", """{"model":"tiny","prompt":"Hello","max_tokens":100,"stream":true}""", buffered: false);
        using var reader = new StreamReader(stream.ContentStream!);
        var text = new StringBuilder();
        var last = "";
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.Length == 0) continue;
            last = line;
            if (line == "data: [DONE]") break;
            using var chunk = JsonDocument.Parse(line["data: ".Length..]);
            text.Append(chunk.RootElement.GetProperty("choices")[0].GetProperty("text").GetString());
        }

        Assert.Equal(("Grüß dich, 世界", "data: [DONE]"), (text.ToString(), last));
    }

    [Theory]
    [InlineData("/tokenize", """{"model":"tiny","prompt":"hi"}""", "tokens")]
    [InlineData("/detokenize", """{"model":"tiny","tokens":[104,105]}""", "prompt")]
    [InlineData("/v1/completions/render", """{"model":"tiny","prompt":"hi"}""", null)]
    [InlineData("/v1/chat/completions/render", """{"model":"tiny","messages":[{"role":"user","content":"hi"}]}""", "token_ids")]
    public async Task Reads_tokens_over_the_clients_transport(string path, string json, string? field)
    {
        var (server, _) = await TestServer.GenerateAsync(_ => "x");
        await using var owned = server;
        using var answer = await SendAsync(server, "POST", path, json);
        using var body = JsonDocument.Parse(answer.Content);
        Assert.True(field is null ? body.RootElement[0].TryGetProperty("token_ids", out _) : body.RootElement.TryGetProperty(field, out _));
    }

    [Theory]
    [InlineData(ModelTask.Rerank, 1, "/v1/rerank", """{"model":"tiny","query":"q","documents":["a","b"]}""", "results")]
    [InlineData(ModelTask.Classify, 2, "/v1/classify", """{"model":"tiny","input":["a","b"]}""", "data")]
    public async Task Scores_over_the_clients_transport(ModelTask task, int width, string path, string json, string field)
    {
        var (server, _) = await TestServer.EncodeAsync(task, width, labels: task == ModelTask.Classify ? ["no", "yes"] : null);
        await using var owned = server;
        using var answer = await SendAsync(server, "POST", path, json);
        using var body = JsonDocument.Parse(answer.Content);
        Assert.Equal(2, body.RootElement.GetProperty(field).GetArrayLength());
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/health/startup")]
    [InlineData("/metrics")]
    [InlineData("/version")]
    public async Task Reads_the_servers_state_over_the_clients_transport(string path)
    {
        var (server, _) = await TestServer.GenerateAsync(_ => "x");
        await using var owned = server;
        using var answer = await SendAsync(server, "GET", path, null);
        Assert.NotEqual(0, answer.Content.ToMemory().Length);
    }

    /// <summary>What the client has no method for goes over its pipeline: its headers, its authentication, its errors.</summary>
    private static async Task<PipelineResponse> SendAsync(TestServer server, string method, string path, string? json, bool buffered = true)
    {
        var pipeline = new OpenAIClient(new ApiKeyCredential("none"), Options(server)).Pipeline;
        var message = pipeline.CreateMessage();
        message.BufferResponse = buffered;
        message.Request.Method = method;
        message.Request.Uri = new Uri(server.Address, path);
        if (json is not null)
        {
            message.Request.Headers.Set("Content-Type", "application/json");
            message.Request.Content = BinaryContent.Create(BinaryData.FromString(json));
        }

        await pipeline.SendAsync(message);
        Assert.False(message.Response!.IsError);
        return message.ExtractResponse()!;
    }
}
