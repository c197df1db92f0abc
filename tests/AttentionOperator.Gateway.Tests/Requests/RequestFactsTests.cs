using System.Text;
using System.Text.Json;
using AttentionOperator.Gateway.Requests;

namespace AttentionOperator.Gateway.Tests.Requests;

public sealed class RequestFactsTests
{
    [Theory]
    [InlineData("""{"model":"m"}""", "m", null, false, null)]
    [InlineData("""{"messages":[{"model":"wrong","content":"{\"model\":\"wrong\"}"}],"stream":true,"model":"m","user":"u"}""", "m", "u", true, null)]
    [InlineData("""{"model":"m","max_tokens":5}""", "m", null, false, 5)]
    [InlineData("""{"max_completion_tokens":7,"max_tokens":5,"model":"m"}""", "m", null, false, 7)]
    [InlineData("""{"model":null,"stream":{"x":1},"max_tokens":"many"}""", null, null, false, null)]
    [InlineData("""{"model":"mo\u0064el"}""", "model", null, false, null)]
    [InlineData("{}", null, null, false, null)]
    public void ReadsTheTopLevelOnly(string body, string? model, string? user, bool stream, int? maxTokens) =>
        Assert.Equal((model, user, stream, maxTokens), RequestFacts.Read(Encoding.UTF8.GetBytes(body)) is var facts ? (facts.Model, facts.User, facts.Stream, facts.MaxTokens) : default);

    [Fact]
    public void FindsTheInput_AndTheOptions()
    {
        const string body = """{"n":3,"messages":[{"content":"}"}],"stream_options":{"x":[1],"include_usage":true} } """;
        var facts = RequestFacts.Read(Encoding.UTF8.GetBytes(body));
        Assert.Equal(("""[{"content":"}"}]""", """{"x":[1],"include_usage":true}""", true, 3, body.LastIndexOf('}')), (body[facts.Input], body[facts.StreamOptions], facts.IncludeUsage, facts.Choices, facts.End));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("\"model\"")]
    [InlineData("""{"model":"m" """)]
    [InlineData("""{"model":"m"}{"model":"n"}""")]
    [InlineData("""{"model":["m"]}""")]
    [InlineData("""{"model":"m","mod\u0065l":"n"}""")]
    [InlineData("""{"prompt":"a","prompt":"b"}""")]
    public void RefusesWhatIsNotOneObject(string body) => Assert.ThrowsAny<JsonException>(() => RequestFacts.Read(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void RefusesDeepNesting() =>
        Assert.ThrowsAny<JsonException>(() => RequestFacts.Read(Encoding.UTF8.GetBytes("{\"x\":" + new string('[', 200) + new string(']', 200) + "}")));
}
