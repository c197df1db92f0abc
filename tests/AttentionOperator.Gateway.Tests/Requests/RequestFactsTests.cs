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
        Assert.Equal(new RequestFacts(model, user, stream, maxTokens), RequestFacts.Read(Encoding.UTF8.GetBytes(body)));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("\"model\"")]
    [InlineData("""{"model":"m" """)]
    [InlineData("""{"model":"m"}{"model":"n"}""")]
    [InlineData("""{"model":["m"]}""")]
    public void RefusesWhatIsNotOneObject(string body) => Assert.ThrowsAny<JsonException>(() => RequestFacts.Read(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void RefusesDeepNesting() =>
        Assert.ThrowsAny<JsonException>(() => RequestFacts.Read(Encoding.UTF8.GetBytes("{\"x\":" + new string('[', 200) + new string(']', 200) + "}")));
}
