using System.Text;
using AttentionOperator.Gateway.Forwarding;

namespace AttentionOperator.Gateway.Tests.Forwarding;

public sealed class AnswerStreamTests
{
    [Theory]
    [InlineData("""{"id":"a","choices":[{"text":"t","token_ids":[1,2]}]}""", """{"id":"a","choices":[{"text":"t"}]}""")]
    [InlineData("""{"id":"a","choices":[{"token_ids":[1,2],"text":"token_ids"}],"usage":null}""", """{"id":"a","choices":[{"text":"token_ids"}]}""")]
    [InlineData("""{"usage":null,"id":"a","choices":[{"token_ids":[1, 2]}]}""", """{"id":"a","choices":[{}]}""")]
    [InlineData("""{"id":"a","choices":[{"token_ids":[1,2],"logprobs":{"token_ids":[9]}}] , "usage" : null }""", """{"id":"a","choices":[{"logprobs":{"token_ids":[9]}}]  }""")]
    public void IdsAndUsage_AreTakenOut(string chunk, string expected)
    {
        var stream = new AnswerStream(clientWantsUsage: false, canAskUsage: true);
        Assert.Equal($"data: {expected}\n\n", Take(stream, chunk));
        Assert.Equal([1, 2], stream.TokenIds);
        Assert.Equal("a", stream.Id);
        Assert.True(stream.CanContinue);
    }

    [Fact]
    public void AChunkWithoutIds_CannotBeContinued()
    {
        var stream = new AnswerStream(false, true);
        Take(stream, """{"id":"a","choices":[{"text":"t"}]}""");
        Assert.False(stream.CanContinue);
    }

    [Fact]
    public void TheUsageChunk_IsKeptFromClientsThatDidNotAsk()
    {
        const string usage = """{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}""";
        var hidden = new AnswerStream(clientWantsUsage: false, canAskUsage: true);
        Assert.Equal("", Take(hidden, usage));
        Assert.Equal(new TokenUsage(3, 4), hidden.Usage);
        Assert.Equal($"data: {usage}\n\n", Take(new AnswerStream(clientWantsUsage: true, canAskUsage: true), usage));
    }

    [Theory]
    [InlineData(": comment\n\n")]
    [InlineData("data: no json\n\n")]
    [InlineData("data: {\"a\":\ndata: 1}\n\n")]
    public void WhatIsNotOurs_PassesAsItIs(string sse)
    {
        var stream = new AnswerStream(false, true);
        Assert.Equal(sse, string.Concat(stream.Take(Encoding.UTF8.GetBytes(sse), out _, out _).Select(p => Encoding.UTF8.GetString(p.Span))));
    }

    private static string Take(AnswerStream stream, string json) =>
        string.Concat(stream.Take(Encoding.UTF8.GetBytes($"data: {json}\n\n"), out _, out _).Select(p => Encoding.UTF8.GetString(p.Span)));
}
