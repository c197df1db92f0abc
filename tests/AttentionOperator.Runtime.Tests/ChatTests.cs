using System.Net;
using System.Text.Json;
using AttentionOperator.Runtime.Serving;
using AttentionOperator.Runtime.Tests.Fakes;

namespace AttentionOperator.Runtime.Tests;

public sealed class ChatTests
{
    private const string Path = "/v1/chat/completions";
    private const string Tool = """[{"type":"function","function":{"name":"weather","parameters":{"type":"object"}}}]""";

    [Fact]
    public async Task Renders_the_template_without_adding_special_tokens()
    {
        var (server, engine) = await TestServer.GenerateAsync(_ => "Hi!");
        await using var owned = server;
        var (status, body, _) = await server.PostAsync(Path, """
            {"model":"tiny","messages":[{"role":"developer","content":"Be kind."},{"role":"user","content":[{"type":"text","text":"Hel"},{"type":"text","text":"lo"}]}]}
            """);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("system: Be kind.\nuser: Hello\nassistant: ", server.Tokenizer.Decode(engine.Requests.Single().PromptIds));
        var message = body.GetProperty("choices")[0].GetProperty("message");
        Assert.Equal("assistant", message.GetProperty("role").GetString());
        Assert.Equal("Hi!", message.GetProperty("content").GetString());
        Assert.Equal("chat.completion", body.GetProperty("object").GetString());
        Assert.Equal(1000 - engine.Requests.Single().PromptIds.Length, engine.Requests.Single().MaxTokens);
    }

    [Fact]
    public async Task A_conversation_that_the_template_refuses_is_the_clients_error()
    {
        var (server, _) = await TestServer.GenerateAsync(_ => "x");
        await using var owned = server;
        var (status, body, _) = await server.PostAsync(Path, """{"model":"tiny","messages":[{"role":"assistant","content":"a"}]}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("the assistant cannot begin", body.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"model":"tiny","messages":[]}""", 400)]
    [InlineData("""{"model":"tiny","messages":[{"role":"king","content":"x"}]}""", 400)]
    [InlineData("""{"model":"tiny","messages":[{"role":"user"}]}""", 400)]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]}""", 422)]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x","mood":"bad"}]}""", 422)]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"max_tokens":1,"max_completion_tokens":2}""", 400)]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f"}}]}""", 422)]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"top_logprobs":2}""", 400)]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"modalities":["audio"]}""", 422)]
    [InlineData("""{"model":"tiny","messages":[{"role":"user","content":"x"}],"reasoning_effort":"high"}""", 422)]
    public async Task Refuses_what_it_cannot_do(string json, int expected)
    {
        var (server, engine) = await TestServer.GenerateAsync(_ => "x");
        await using var owned = server;
        Assert.Equal(expected, (int)(await server.PostAsync(Path, json)).Status);
        Assert.Empty(engine.Requests);
    }

    [Fact]
    public async Task Passes_a_json_schema_on()
    {
        var (server, engine) = await TestServer.GenerateAsync(_ => "{}");
        await using var owned = server;
        await server.PostAsync(Path, """
            {"model":"tiny","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":{"type":"integer"}}}}
            """);
        Assert.Equal("""{"type":"integer"}""", engine.Requests.Single().JsonSchema);
    }

    [Theory]
    [InlineData("tools <tool_call>", "Sure. <tool_call>\n{\"name\":\"weather\",\"arguments\":{\"city\":\"Rom\"}}\n</tool_call>", "Sure. ")]
    [InlineData("tools [TOOL_CALLS]", "[TOOL_CALLS] [{\"name\":\"weather\",\"arguments\":{\"city\":\"Rom\"}}]", null)]
    [InlineData("tools \"parameters\" ipython", "{\"name\": \"weather\", \"parameters\": {\"city\":\"Rom\"}}", null)]
    public async Task Reads_tool_calls_of_the_common_formats(string template, string answer, string? text)
    {
        var (server, _) = await TestServer.GenerateAsync(_ => answer, template: new PlainTemplate(template));
        await using var owned = server;
        var request = $$"""{"model":"tiny","messages":[{"role":"user","content":"x"}],"tools":{{Tool}}}""";
        var (status, body, _) = await server.PostAsync(Path, request);
        Assert.Equal(HttpStatusCode.OK, status);
        var choice = body.GetProperty("choices")[0];
        Assert.Equal("tool_calls", choice.GetProperty("finish_reason").GetString());
        var message = choice.GetProperty("message");
        Assert.Equal(text, message.GetProperty("content").GetString());
        var function = message.GetProperty("tool_calls")[0].GetProperty("function");
        Assert.Equal("weather", function.GetProperty("name").GetString());
        Assert.Equal("""{"city":"Rom"}""", function.GetProperty("arguments").GetString());

        var chunks = (await server.StreamAsync(Path, request[..^1] + ""","stream":true}"""))[..^1].Select(l => JsonDocument.Parse(l).RootElement.GetProperty("choices")[0]).ToList();
        Assert.Equal(text ?? "", string.Concat(chunks.Select(c => c.GetProperty("delta").TryGetProperty("content", out var content) ? content.GetString() : "")));
        Assert.Equal("tool_calls", chunks[^1].GetProperty("finish_reason").GetString());
        Assert.Equal("weather", chunks[^1].GetProperty("delta").GetProperty("tool_calls")[0].GetProperty("function").GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("tools <tool_call>", "<tool_call>", "arguments", "\"required\"")]
    [InlineData("tools [TOOL_CALLS]", "[TOOL_CALLS]", "arguments", "\"required\"")]
    [InlineData("tools \"parameters\" ipython", "", "parameters", "{\"type\":\"function\",\"function\":{\"name\":\"weather\"}}")]
    public async Task A_forced_call_is_announced_in_the_prompt_and_held_to_the_tools_schema(string template, string marker, string arguments, string choice)
    {
        var call = $$"""{"name":"weather","{{arguments}}":{"city":"Rom"} }""";
        var (server, engine) = await TestServer.GenerateAsync(_ => template.Contains("[TOOL", StringComparison.Ordinal) ? $"[{call}]" : call, template: new PlainTemplate(template));
        await using var owned = server;
        const string tools = """[{"type":"function","function":{"name":"weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}},{"type":"function","function":{"name":"time"}}]""";
        var (status, body, _) = await server.PostAsync(Path, $$"""{"model":"tiny","messages":[{"role":"user","content":"x"}],"parallel_tool_calls":false,"tools":{{tools}},"tool_choice":{{choice}}}""");
        Assert.True(status == HttpStatusCode.OK, body.ToString());
        var answer = body.GetProperty("choices")[0];
        Assert.Equal("tool_calls", answer.GetProperty("finish_reason").GetString());
        Assert.Equal("weather", answer.GetProperty("message").GetProperty("tool_calls")[0].GetProperty("function").GetProperty("name").GetString());
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("message").GetProperty("content").ValueKind);
        var request = engine.Requests.Single();
        Assert.EndsWith(marker, server.Tokenizer.Decode(request.PromptIds), StringComparison.Ordinal);
        var schema = request.JsonSchema!;
        Assert.Contains("\"const\":\"weather\"", schema, StringComparison.Ordinal);
        Assert.Equal(choice.Contains("required", StringComparison.Ordinal), schema.Contains("\"const\":\"time\"", StringComparison.Ordinal));
        Assert.Contains("\"city\"", schema, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"none\"", "", 200)]
    [InlineData("\"auto\"", "", 200)]
    [InlineData("\"sometimes\"", "", 422)]
    [InlineData("{\"type\":\"function\",\"function\":{\"name\":\"other\"}}", "", 400)]
    [InlineData("{\"type\":\"allowed_tools\"}", "", 422)]
    [InlineData("\"auto\"", ",\"parallel_tool_calls\":false", 422)]
    public async Task Tool_choices_are_obeyed_or_refused(string choice, string more, int expected)
    {
        var (server, engine) = await TestServer.GenerateAsync(_ => "x", template: new PlainTemplate("tools <tool_call>"));
        await using var owned = server;
        Assert.Equal(expected, (int)(await server.PostAsync(Path, $$"""{"model":"tiny","messages":[{"role":"user","content":"x"}],"tools":{{Tool}},"tool_choice":{{choice}}{{more}}}""")).Status);
        Assert.Equal(expected == 200 ? 1 : 0, engine.Requests.Count);
    }

    [Theory]
    [InlineData("Say < or <tool or <<tool_cal. Done <tool_call")]
    [InlineData("<tool_call>no json</tool_call>")]
    [InlineData("")]
    public void What_is_no_call_is_text(string answer)
    {
        var reader = new ToolCallReader(ToolCallFormat.Tagged);
        var text = string.Concat(answer.Select(c => reader.Push(c.ToString())));
        var (calls, rest) = reader.Finish();
        Assert.Empty(calls);
        Assert.Equal(answer, text + rest);
    }

    [Fact]
    public void Several_calls_are_read()
    {
        var reader = new ToolCallReader(ToolCallFormat.Tagged);
        Assert.Equal("a ", reader.Push("a <tool_call>{\"name\":\"f\",\"arguments\":{}}</tool_call>\n<tool_call>{\"name\":\"g\",\"arguments\":\"{}\"}"));
        var (calls, rest) = reader.Finish();
        Assert.Equal(["f", "g"], calls.Select(c => c.Name));
        Assert.Equal("", rest);
    }
}
