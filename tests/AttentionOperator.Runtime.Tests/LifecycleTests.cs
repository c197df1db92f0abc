using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using AttentionOperator.Api.Naming;

namespace AttentionOperator.Runtime.Tests;

public sealed class LifecycleTests
{
    private const string Path = "/v1/completions";
    private const string Streamed = """{"model":"tiny","prompt":"x","max_tokens":100,"stream":true}""";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Before_the_model_is_loaded_it_is_alive_and_not_ready()
    {
        await using var server = await TestServer.StartingAsync(TestServer.Configuration());
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync(new Uri("/health/live", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.Client.GetAsync(new Uri("/health/ready", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.Client.GetAsync(new Uri("/health/startup", UriKind.Relative))).StatusCode);
        var (status, body, response) = await server.PostAsync(Path, """{"model":"tiny","prompt":"x"}""");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("Starting", body.GetProperty("error").GetProperty("reason").GetString());
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_client_that_leaves_ends_its_generation()
    {
        var (server, engine) = await TestServer.GenerateAsync(_ => new string('a', 90));
        await using var owned = server;
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        engine.OnEnded = _ => ended.TrySetResult();
        engine.BeforeToken = (_, i, cancel) => i < 3 ? Task.CompletedTask : Task.Delay(Timeout.Infinite, cancel);
        using (var request = TestServer.Request(Path, Streamed))
        using (var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
        using (var reader = new StreamReader(await response.Content.ReadAsStreamAsync()))
        {
            Assert.StartsWith("data: ", await reader.ReadLineAsync(), StringComparison.Ordinal);
        }

        await ended.Task.WaitAsync(Patience);
        Assert.Equal(0, engine.Running);
        await UntilAsync(() => server.Server.Gate.Inside == 0);
    }

    [Fact]
    public async Task A_client_that_leaves_before_the_first_token_ends_all_choices()
    {
        var (server, engine) = await TestServer.GenerateAsync(_ => "abc");
        await using var owned = server;
        var started = new CountdownEvent(4);
        engine.BeforeToken = (_, _, cancel) =>
        {
            started.Signal();
            return Task.Delay(Timeout.Infinite, cancel);
        };
        using var leave = new CancellationTokenSource();
        using var request = TestServer.Request(Path, """{"model":"tiny","prompt":"x","n":4}""");
        var pending = server.Client.SendAsync(request, leave.Token);
        await Task.Run(() => Assert.True(started.Wait(Patience)));
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);
        await UntilAsync(() => server.Server.Gate.Inside == 0 && engine.Running == 0);
        Assert.Contains("attention_requests_rejected_total{reason=\"ClientGone\"", await server.MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_deadline_ends_a_request_with_504()
    {
        var (server, engine) = await TestServer.GenerateAsync(_ => "abc");
        await using var owned = server;
        engine.BeforeToken = (_, _, cancel) => Task.Delay(Timeout.Infinite, cancel);
        var (status, body, _) = await server.PostAsync(Path, """{"model":"tiny","prompt":"x"}""", (HeaderNames.Deadline, "50ms"));
        Assert.Equal(HttpStatusCode.GatewayTimeout, status);
        Assert.Equal("DeadlineExceeded", body.GetProperty("error").GetProperty("reason").GetString());
        Assert.NotNull(engine.Requests.Single().Deadline);
        Assert.Equal(0, engine.Running);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.PostAsync(Path, """{"model":"tiny","prompt":"x"}""", (HeaderNames.Deadline, "soon"))).Status);
    }

    [Fact]
    public async Task A_drain_finishes_what_runs_and_refuses_what_comes()
    {
        var (server, engine) = await TestServer.GenerateAsync(_ => "hello");
        await using var owned = server;
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        engine.BeforeToken = (_, i, _) =>
        {
            if (i == 2) arrived.TrySetResult();
            return i < 2 ? Task.CompletedTask : go.Task;
        };
        var stream = server.StreamAsync(Path, Streamed);
        await arrived.Task.WaitAsync(Patience);
        var drain = server.Server.DrainAsync(Patience);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.Client.GetAsync(new Uri("/health/ready", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync(new Uri("/health/live", UriKind.Relative))).StatusCode);
        var (status, _, response) = await server.PostAsync(Path, """{"model":"tiny","prompt":"x"}""");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("Draining", response.Headers.GetValues(HeaderNames.Reason).Single());
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.False(drain.IsCompleted);
        go.SetResult();
        var lines = await stream;
        Assert.Equal("[DONE]", lines[^1]);
        await drain.WaitAsync(Patience);
    }

    [Fact]
    public async Task What_the_grace_period_does_not_suffice_for_is_handed_back()
    {
        var (server, engine) = await TestServer.GenerateAsync(_ => "hello");
        await using var owned = server;
        var arrived = new CountdownEvent(2);
        engine.BeforeToken = (request, i, cancel) =>
        {
            // One request has no token yet, the other has two.
            if (request.PromptIds[^1] == 'y' && i < 2) return Task.CompletedTask;
            arrived.Signal();
            return Task.Delay(Timeout.Infinite, cancel);
        };
        var waiting = server.PostAsync(Path, Streamed);
        var streaming = server.StreamAsync(Path, Streamed.Replace("\"x\"", "\"y\"", StringComparison.Ordinal));
        await Task.Run(() => Assert.True(arrived.Wait(Patience)));
        await server.Server.DrainAsync(TimeSpan.FromMilliseconds(1));
        var (status, _, response) = await waiting;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("Draining", response.Headers.GetValues(HeaderNames.Reason).Single());
        var lines = await streaming;
        Assert.Equal("Draining", JsonDocument.Parse(lines[^1]).RootElement.GetProperty("error").GetProperty("reason").GetString());
        Assert.Equal(0, engine.Running);
        Assert.Equal(0, server.Server.Gate.Inside);
    }

    [Fact]
    public async Task A_slow_reader_holds_a_bounded_part_of_its_answer()
    {
        // Each byte is a chunk of about 200 bytes: 100 000 tokens are 20 MB on the wire.
        const int tokens = 100_000;
        var (server, engine) = await TestServer.GenerateAsync(_ => new string('a', tokens), positions: 2 * tokens);
        await using var owned = server;
        var most = 0;
        engine.BeforeToken = (_, i, _) =>
        {
            Volatile.Write(ref most, i);
            return Task.CompletedTask;
        };
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(server.Address.Host, server.Address.Port);
        var body = Streamed.Replace("100", tokens.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"POST {Path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        // Nothing is read: generation stops by itself where the buffers are full.
        var last = -1;
        await UntilAsync(() =>
        {
            var now = Volatile.Read(ref most);
            var still = now > 0 && now == last;
            last = now;
            return still;
        }, TimeSpan.FromMilliseconds(300));
        Assert.InRange(last, 1, tokens / 2);
        socket.Close();
        await UntilAsync(() => engine.Running == 0 && server.Server.Gate.Inside == 0);
    }

    [Fact]
    public async Task A_body_that_trickles_in_is_ended()
    {
        var (server, _) = await TestServer.GenerateAsync(_ => "x", options: new RuntimeOptions { MinBodyBytesPerSecond = 1_000_000 });
        await using var owned = server;
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Address.Host, server.Address.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"POST {Path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{"));
        Assert.StartsWith("HTTP/1.1 408", await ToEndAsync(socket), StringComparison.Ordinal);
        await UntilAsync(() => server.Server.Gate.Inside == 0);
    }

    [Fact]
    public async Task Headers_that_trickle_in_are_ended()
    {
        var (server, _) = await TestServer.GenerateAsync(_ => "x", options: new RuntimeOptions { HeaderTimeout = TimeSpan.FromSeconds(1) });
        await using var owned = server;
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Address.Host, server.Address.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"POST {Path} HTTP/1.1\r\nHost: x\r\nX-Slow: "));
        Assert.StartsWith("HTTP/1.1 408", await ToEndAsync(socket), StringComparison.Ordinal);
        Assert.Equal(0, server.Server.Gate.Inside);
    }

    [Theory]
    [InlineData(101, 10, 10, "HTTP/1.1 431")]
    [InlineData(50, 1000, 10, "HTTP/1.1 431")]
    [InlineData(1, 10, 9000, "HTTP/1.1 414")]
    public async Task Headers_and_request_lines_are_bounded(int headers, int length, int path, string expected)
    {
        var (server, _) = await TestServer.GenerateAsync(_ => "x");
        await using var owned = server;
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Address.Host, server.Address.Port);
        var text = new StringBuilder($"GET /{new string('p', path)} HTTP/1.1\r\nHost: x\r\n");
        for (var i = 0; i < headers; i++) text.Append($"X-{i}: {new string('v', length)}\r\n");
        await socket.SendAsync(Encoding.ASCII.GetBytes(text.Append("\r\n").ToString()));
        Assert.StartsWith(expected, await ToEndAsync(socket), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync(new Uri("/health/live", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task Tokenization_does_not_hold_up_health_and_is_bounded()
    {
        var (server, _) = await TestServer.GenerateAsync(_ => "x", options: new RuntimeOptions { TokenizerThreads = 1, TokenizerQueue = 1 });
        await using var owned = server;
        using var hold = new ManualResetEventSlim();
        using var inside = new ManualResetEventSlim();
        server.Tokenizer.OnEncode = _ =>
        {
            inside.Set();
            hold.Wait(Patience);
        };
        var first = server.PostAsync(Path, """{"model":"tiny","prompt":"1"}""");
        await Task.Run(() => inside.Wait(Patience));
        var second = server.PostAsync(Path, """{"model":"tiny","prompt":"2"}""");
        await UntilAsync(() => server.Server.Gate.Inside == 2);
        // The second may still be on its way to the queue; whichever of two comes later is refused.
        var third = server.PostAsync(Path, """{"model":"tiny","prompt":"3"}""");
        var refused = await Task.WhenAny(second, third).WaitAsync(Patience);
        Assert.Equal("TokenizerBusy", (await refused).Response.Headers.GetValues(HeaderNames.Reason).Single());
        Assert.InRange((await refused).Response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync(new Uri("/health/ready", UriKind.Relative))).StatusCode);
        hold.Set();
        Assert.Equal(HttpStatusCode.OK, (await first).Status);
        Assert.Equal(HttpStatusCode.OK, (await (refused == second ? third : second)).Status);
    }

    private static async Task<string> ToEndAsync(Socket socket)
    {
        using var patience = new CancellationTokenSource(Patience);
        var buffer = new byte[4096];
        var answer = new StringBuilder();
        try
        {
            int read;
            while ((read = await socket.ReceiveAsync(buffer, patience.Token)) > 0) answer.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }
        catch (SocketException)
        {
            // Reset after the answer, because not all that was sent was read.
        }

        return answer.ToString();
    }

    internal static async Task UntilAsync(Func<bool> condition, TimeSpan? interval = null)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < Patience, "the condition did not come true");
            await Task.Delay(interval ?? TimeSpan.FromMilliseconds(5));
        }
    }
}
