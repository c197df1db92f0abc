using System.Net.Sockets;
using System.Text;
using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Runtime.Tests;

/// <summary>
/// Clients that go away, time out or break their request in every state that a request can be in, on a real engine with little memory: afterwards no
/// request is inside, none runs or waits, no block is held, no place in the queue is taken, and the server answers as before.
/// </summary>
public sealed class ZombieTests
{
    private const string Path = "/v1/completions";

    /// <summary>Where the client stops: in the headers, in the body, after sending, after so many events.</summary>
    [Theory]
    [InlineData("headers", 1)]
    [InlineData("body", 2)]
    [InlineData("sent", 3)]
    [InlineData("first event", 4)]
    [InlineData("events", 5)]
    [InlineData("deadline", 6)]
    [InlineData("everything", 7)]
    public async Task Nothing_is_left_wherever_the_client_stops(string state, int seed)
    {
        await using var server = await GoldenServer.OpenAsync(
            "llama-untied", ModelTask.Generate,
            c => c with { Limits = new LimitsSpec { MaxBatchTokens = 64 }, Batching = new BatchingSpec { MaxSequences = 4, MaxQueuedRequests = 12, CacheMemory = "512Ki" } });
        var model = server.Server.Gate.Model!;
        // Few enough blocks that answers are preempted, few enough places that some are refused.
        Assert.InRange(model.Statistics.BlocksTotal, 32, 100);
        var random = new Random(seed);
        var seeds = Enumerable.Range(0, 40).Select(_ => random.Next()).ToList();
        await Parallel.ForEachAsync(seeds, new ParallelOptions { MaxDegreeOfParallelism = 10 }, async (s, _) => await FaultAsync(server, state, new Random(s)));
        await LifecycleTests.UntilAsync(() => server.Server.Gate.Inside == 0 && model.Statistics is { Running: 0, BlocksUsed: 0, WaitingTokens: 0 } now && now.Waiting.Sum() == 0);
        // The queue is free again: half of what may wait is taken whatever was promised to those who left.
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => server.PostAsync(Path, $$"""{"model":"tiny","prompt":"again {{i}}","max_tokens":3,"ignore_eos":true}""")));
        Assert.All(answers, a => Assert.Equal(System.Net.HttpStatusCode.OK, a.Status));
        await LifecycleTests.UntilAsync(() => server.Server.Gate.Inside == 0 && model.Statistics is { Running: 0, BlocksUsed: 0 });
        Assert.Equal(0, MetricsTests.Value(await server.MetricsAsync(), "attention_requests_in_flight"));
    }

    private static async Task FaultAsync(TestServer server, string state, Random random)
    {
        if (state == "everything") state = ((string[])["headers", "body", "sent", "first event", "events", "deadline"])[random.Next(6)];
        var prompt = string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(_ => (char)random.Next('a', 'z' + 1) + (random.Next(4) == 0 ? " " : "")));
        var body = $$"""{"model":"tiny","prompt":"{{prompt}}","max_tokens":{{random.Next(20, 300)}},"n":{{random.Next(1, 4)}},"ignore_eos":true,"stream":{{(random.Next(4) > 0 ? "true" : "false")}}}""";
        var head = $"POST {Path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nX-Attention-Priority: {((string[])["interactive", "standard", "batch"])[random.Next(3)]}\r\n"
            + (state == "deadline" ? $"X-Attention-Deadline: {random.Next(1, 60)}ms\r\n" : "") + $"Content-Length: {body.Length}\r\n\r\n";
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Address.Host, server.Address.Port);
        var bytes = Encoding.ASCII.GetBytes(head + body);
        var send = state switch
        {
            "headers" => random.Next(1, head.Length),
            "body" => head.Length + random.Next(0, body.Length),
            _ => bytes.Length,
        };
        await socket.SendAsync(bytes.AsMemory(0, send));
        var buffer = new byte[256];
        var reads = state switch { "first event" => 1, "events" => random.Next(2, 40), "deadline" => int.MaxValue, _ => 0 };
        try
        {
            // The server closes after its answer, whatever that is.
            for (var i = 0; i < reads && await socket.ReceiveAsync(buffer) > 0; i++)
            {
            }
        }
        catch (SocketException)
        {
            // The server was faster.
        }

        if (random.Next(2) == 0) socket.LingerState = new LingerOption(true, 0);
    }
}
