using System.Net.Sockets;
using System.Text;

namespace AttentionOperator.Gateway.Tests.Integration;

/// <summary>Requests that two parsers might read differently: the gateway refuses them, or sends on exactly what it read itself, framed anew.</summary>
public sealed class RawHttpTests
{
    private const string Body = """{"model":"chat","prompt":"x"}""";
    private const string Smuggled = "POST /v1/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nevil!";

    [Theory]
    [InlineData("two lengths", "POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 29\r\nContent-Length: 5\r\n\r\n" + Body)]
    [InlineData("a list of lengths", "POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 29, 5\r\n\r\n" + Body)]
    [InlineData("an unknown transfer coding", "POST /v1/completions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n")]
    [InlineData("chunked is not last", "POST /v1/completions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n")]
    [InlineData("a bad chunk size", "POST /v1/completions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("a folded header", "POST /v1/completions HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\nContent-Length: 29\r\n\r\n" + Body)]
    [InlineData("a space before the colon", "POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length : 29\r\n\r\n" + Body)]
    [InlineData("a bare line feed in a value", "POST /v1/completions HTTP/1.1\r\nHost: x\r\nX-A: b\nX-Attention-Internal-Model: y\0\r\nContent-Length: 29\r\n\r\n" + Body)]
    [InlineData("two hosts", "POST /v1/completions HTTP/1.1\r\nHost: x\r\nHost: y\r\nContent-Length: 29\r\n\r\n" + Body)]
    [InlineData("no host", "POST /v1/completions HTTP/1.1\r\nContent-Length: 29\r\n\r\n" + Body)]
    public async Task WhatCanBeReadInTwoWays_IsRefused_AndReachesNoRuntime(string what, string request)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var a = await MockRuntime.StartAsync();
        gateway.Apply("chat", ("a", 100, [a]));
        var answer = await SendAsync(gateway, request);
        Assert.True(answer.StartsWith("HTTP/1.1 400", StringComparison.Ordinal), $"{what}: {answer}");
        Assert.Empty(a.Requests);
    }

    /// <summary>
    /// RFC 9112 lets a server take the transfer coding and forget the length, if it closes the connection afterwards; and the server takes a length with a sign. Either way it is one
    /// request and not two, and the runtime sees one length, which the gateway wrote.
    /// </summary>
    [Theory]
    [InlineData("Content-Length: 6\r\nTransfer-Encoding: chunked", true)]
    [InlineData("Content-Length: +29", false)]
    public async Task WhatIsTaken_IsOneRequest_FramedAnew(string framing, bool chunked)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var a = await MockRuntime.StartAsync();
        gateway.Apply("chat", ("a", 100, [a]));
        var answer = await SendAsync(gateway, $"POST /v1/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{framing}\r\n\r\n" + (chunked ? $"{Body.Length:x}\r\n{Body}\r\n0\r\n\r\n" : Body));
        Assert.InRange(a.Requests.Count, 0, 1);
        Assert.Equal(1, Count(answer, "HTTP/1.1 "));
        Assert.All(a.Requests, r => Assert.Equal(($"{Body.Length}", false), (r.Headers["Content-Length"], r.Headers.ContainsKey("Transfer-Encoding"))));
    }

    [Fact]
    public async Task WhatFollowsABody_IsARequestOfItsOwn_AndNeverReachesARuntimeUnseen()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var a = await MockRuntime.StartAsync();
        gateway.Apply("chat", ("a", 100, [a]));
        var answer = await SendAsync(gateway, $"POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {Body.Length}\r\n\r\n{Body}{Smuggled}");
        Assert.Equal(2, Count(answer, "HTTP/1.1 "));
        Assert.Contains("malformed_json", answer, StringComparison.Ordinal);
        Assert.Single(a.Requests);
    }

    [Theory]
    [InlineData("POST /v1/../health/ready HTTP/1.1")]
    [InlineData("POST /v1/completions/../../slis HTTP/1.1")]
    [InlineData("POST //v1/completions HTTP/1.1")]
    [InlineData("POST /v1/completions/ HTTP/1.1")]
    [InlineData("POST /V1/Completions HTTP/1.1")]
    [InlineData("POST http://other.example/metrics HTTP/1.1")]
    [InlineData("GET /slis HTTP/1.1")]
    [InlineData("CONNECT runtime:8000 HTTP/1.1")]
    [InlineData("TRACE /v1/completions HTTP/1.1")]
    public async Task OtherPathsAndMethods_LeadNowhere(string line)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var a = await MockRuntime.StartAsync();
        gateway.Apply("chat", ("a", 100, [a]));
        var answer = await SendAsync(gateway, $"{line}\r\nHost: x\r\nConnection: close\r\n\r\n");
        Assert.True(answer.StartsWith("HTTP/1.1 40", StringComparison.Ordinal), answer);
        Assert.Empty(a.Requests);
    }

    [Fact]
    public async Task HopByHopAndInternalHeaders_EndAtTheGateway()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var a = await MockRuntime.StartAsync();
        gateway.Apply("chat", ("a", 100, [a]));
        string[] abuse =
        [
            "Connection: close", "Keep-Alive: timeout=5", "Proxy-Authorization: Basic eA==", "TE: trailers", "Upgrade: h2c", "x-attention-internal-model: stolen",
            "X-ATTENTION-INTERNAL-CONTINUATION: guess", "X-Attention-Internal-Anything: 1", "Cookie: session=1", "Authorization: Bearer key", "Expect: 100-continue",
        ];
        var answer = await SendAsync(gateway, $"POST /v1/completions HTTP/1.1\r\nHost: evil.example\r\n{string.Join("\r\n", abuse)}\r\nContent-Length: {Body.Length}\r\n\r\n{Body}");
        Assert.Contains("HTTP/1.1 200", answer, StringComparison.Ordinal);
        var headers = a.Requests.Single().Headers;
        foreach (var name in new[] { "Keep-Alive", "Proxy-Authorization", "TE", "Upgrade", "X-Attention-Internal-Anything", "Cookie", "Authorization", "Expect" }) Assert.False(headers.ContainsKey(name), name);
        Assert.Equal("chat", headers["X-Attention-Internal-Model"]);
        Assert.DoesNotContain("guess", headers["X-Attention-Internal-Continuation"], StringComparison.Ordinal);
        Assert.DoesNotContain("evil", headers["Host"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatAClientNamesInConnection_GoesNoFurther()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var a = await MockRuntime.StartAsync();
        gateway.Apply("chat", ("a", 100, [a]));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = new StringContent(Body, Encoding.UTF8, "application/json") };
        request.Headers.Connection.Add("X-Custom");
        request.Headers.Add("X-Custom", "1");
        request.Headers.Add("X-Other", "2");
        using var response = await gateway.Client.SendAsync(request);
        Assert.Equal(System.Net.HttpStatusCode.OK, response.StatusCode);
        Assert.Equal((false, "2"), (a.Requests.Single().Headers.ContainsKey("X-Custom"), a.Requests.Single().Headers["X-Other"]));
    }

    [Fact]
    public async Task HeadersBeyondTheBound_AreRefused()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        Assert.StartsWith("HTTP/1.1 431", await SendAsync(gateway, $"GET /v1/models HTTP/1.1\r\nHost: x\r\nX-Long: {new string('a', 40_000)}\r\n\r\n"), StringComparison.Ordinal);
        var many = string.Concat(Enumerable.Range(0, 200).Select(i => $"X-{i}: 1\r\n"));
        Assert.StartsWith("HTTP/1.1 431", await SendAsync(gateway, $"GET /v1/models HTTP/1.1\r\nHost: x\r\n{many}\r\n"), StringComparison.Ordinal);
    }

    private static int Count(string text, string part) => (text.Length - text.Replace(part, "", StringComparison.Ordinal).Length) / part.Length;

    /// <summary>Everything that comes back until the gateway closes the connection, which every request here asks for or deserves.</summary>
    private static async Task<string> SendAsync(GatewayUnderTest gateway, string bytes)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", gateway.Client.BaseAddress!.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(bytes));
        using var answer = new MemoryStream();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        try
        {
            await stream.CopyToAsync(answer, limit.Token);
        }
        catch (IOException)
        {
            // Reset after the answer, because not everything that was sent was read.
        }

        return Encoding.Latin1.GetString(answer.ToArray());
    }
}
