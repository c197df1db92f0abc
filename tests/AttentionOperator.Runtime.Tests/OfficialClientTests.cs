using System.ClientModel;
using System.Text;
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
}
