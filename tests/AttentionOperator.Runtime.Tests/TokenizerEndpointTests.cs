using System.Net;

namespace AttentionOperator.Runtime.Tests;

public sealed class TokenizerEndpointTests
{
    [Fact]
    public async Task Tokenizes_text_and_conversations_and_back()
    {
        var (server, _) = await TestServer.GenerateAsync(_ => "x");
        await using var owned = server;
        var (_, text, _) = await server.PostAsync("/tokenize", """{"model":"tiny","prompt":"ab","return_token_strs":true}""");
        Assert.Equal([256, 97, 98], text.GetProperty("tokens").EnumerateArray().Select(t => t.GetInt32()));
        Assert.Equal(["<s>", "a", "b"], text.GetProperty("token_strs").EnumerateArray().Select(t => t.GetString()));
        Assert.Equal(3, text.GetProperty("count").GetInt32());
        Assert.Equal(1000, text.GetProperty("max_model_len").GetInt32());
        var (_, chat, _) = await server.PostAsync("/tokenize", """{"messages":[{"role":"user","content":"hi"}],"add_generation_prompt":false}""");
        var ids = string.Join(',', chat.GetProperty("tokens").EnumerateArray().Select(t => t.GetInt32()));
        var (_, back, _) = await server.PostAsync("/detokenize", $$"""{"tokens":[{{ids}}]}""");
        Assert.Equal("user: hi\n", back.GetProperty("prompt").GetString());
        Assert.Equal(HttpStatusCode.BadRequest, (await server.PostAsync("/tokenize", """{"model":"tiny"}""")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.PostAsync("/detokenize", """{"tokens":[258]}""")).Status);
    }

    [Fact]
    public async Task Renders_the_ids_that_a_request_will_have()
    {
        var (server, engine) = await TestServer.GenerateAsync(_ => "x");
        await using var owned = server;
        const string chat = """{"model":"tiny","messages":[{"role":"user","content":"hi"}],"max_tokens":9}""";
        var (_, rendered, _) = await server.PostAsync("/v1/chat/completions/render", chat);
        await server.PostAsync("/v1/chat/completions", chat);
        Assert.Equal(engine.Requests.Single().PromptIds, rendered.GetProperty("token_ids").EnumerateArray().Select(t => t.GetInt32()));
        Assert.Equal(9, rendered.GetProperty("sampling_params").GetProperty("max_tokens").GetInt32());
        var (_, list, _) = await server.PostAsync("/v1/completions/render", """{"model":"tiny","prompt":["a","b"]}""");
        Assert.Equal([98], list[1].GetProperty("token_ids").EnumerateArray().Skip(1).Select(t => t.GetInt32()));
    }
}
