using System.Text;
using System.Text.Json.Nodes;
using AttentionOperator.Gateway.Requests;

namespace AttentionOperator.Gateway.Tests.Requests;

public sealed class UpstreamBodyTests
{
    [Theory]
    [InlineData("""{"stream":true}""", """{"stream":true,"stream_options":{"include_usage":true}}""")]
    [InlineData("""{"stream":false}""", """{"stream":false}""")]
    [InlineData("""{"stream":true,"stream_options":{"include_usage":true}}""", """{"stream":true,"stream_options":{"include_usage":true}}""")]
    [InlineData("""{"stream_options":{"include_obfuscation":false},"stream":true}  """, """{"stream_options":{"include_obfuscation":false,"include_usage":true},"stream":true}""")]
    [InlineData("""{"stream":true,"stream_options":{"include_usage":false}}""", """{"stream":true,"stream_options":{"include_usage":true}}""")]
    public void UsageIsAskedFor(string body, string expected) => AssertSame(expected, Build(body, addUsage: true, maxTokens: null));

    [Theory]
    [InlineData("{}", """{"max_tokens":5}""")]
    [InlineData("""{"stream":true,"stream_options":{}}""", """{"stream":true,"stream_options":{"include_usage":true},"max_tokens":5}""")]
    public void ABoundIsAdded(string body, string expected) => AssertSame(expected, Build(body, addUsage: true, maxTokens: 5));

    [Fact]
    public void AContinuation_IsAdded() =>
        AssertSame(
            """{"prompt":"}","attention_continuation":{"id":"a\"b","created":5,"token_ids":[1,2]}}""",
            UpstreamBody.Continue(Encoding.UTF8.GetBytes("""{"prompt":"}"} """), "a\"b", 5, [1, 2]));

    private static ReadOnlyMemory<byte> Build(string body, bool addUsage, int? maxTokens)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        return UpstreamBody.Build(bytes, RequestFacts.Read(bytes), addUsage, maxTokens);
    }

    private static void AssertSame(string expected, ReadOnlyMemory<byte> actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual.Span)), Encoding.UTF8.GetString(actual.Span));
}
