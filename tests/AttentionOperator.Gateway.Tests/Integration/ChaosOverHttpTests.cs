using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using AttentionOperator.Gateway.Caching;

namespace AttentionOperator.Gateway.Tests.Integration;

public sealed class ChaosOverHttpTests
{
    [Fact]
    public async Task WhilePodsDie_Drain_AndAreReplaced_NoClientSeesAnError()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var random = new Random(17);
        var pods = new List<MockRuntime>();
        var retired = new ConcurrentBag<MockRuntime>();
        for (var i = 0; i < 4; i++) pods.Add(await MockRuntime.StartAsync(Serve(null)));
        gateway.Apply("chat", ("a", 100, [.. pods]));
        using var done = new CancellationTokenSource();
        var chaos = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                // A pod begins to break its streams or to refuse work, traffic finds out, and a new one replaces it.
                var victim = random.Next(pods.Count);
                pods[victim].Script = random.Next(3) switch { 0 => Serve(random.Next(9)), 1 => Scripts.Refuse(), _ => Serve(random.Next(9), Break.GivenBack) };
                var seen = pods[victim].Requests.Count;
                while (pods[victim].Requests.Count < seen + 3 && !done.IsCancellationRequested) await Task.Delay(5);
                retired.Add(pods[victim]);
                pods[victim] = await MockRuntime.StartAsync(Serve(null));
                gateway.Apply("chat", ("a", 100, [.. pods]));
            }
        });
        var answers = new ConcurrentBag<(HttpStatusCode Status, string Text)>();
        await Parallel.ForAsync(0, 300, new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (i, cancellation) =>
        {
            using var response = await gateway.PostAsync(i % 3 == 0 ? """{"model":"chat","prompt":"x"}""" : """{"model":"chat","prompt":"x","stream":true}""");
            var body = await response.Content.ReadAsStringAsync(cancellation);
            answers.Add((response.StatusCode, i % 3 == 0 ? JsonNode.Parse(body)!["by"]!.GetValue<string>() : GatewayUnderTest.ReadStream(body).Text));
        });
        await done.CancelAsync();
        await chaos;
        Assert.Equal(300, answers.Count);
        Assert.All(answers, a => Assert.True(a.Status == HttpStatusCode.OK && (a.Text == "runtime" || a.Text == string.Concat(Scripts.Tokens)), $"{a.Status}: {a.Text}"));
        Assert.NotEmpty(retired);
        foreach (var pod in pods.Concat(retired)) await pod.DisposeAsync();
    }

    [Fact]
    public async Task ARepetition_ComesFromTheCache_AndOnlyWhereItMay()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(o => o with { Cache = new ResponseCacheOptions(1 << 20, TimeSpan.FromMinutes(5)) });
        await using var a = await MockRuntime.StartAsync();
        gateway.Apply("chat", ("a", 100, [a]));
        foreach (var (path, body, hits) in new[]
        {
            ("/v1/embeddings", """{"model":"chat","input":"x"}""", true),
            ("/v1/completions", """{"model":"chat","prompt":"x","temperature":0}""", true),
            ("/v1/completions", """{"model":"chat","prompt":"x"}""", false),
            ("/v1/completions", """{"model":"chat","prompt":"x","temperature":0.5}""", false),
        })
        {
            var before = a.Requests.Count;
            using var first = await gateway.PostAsync(body, path);
            using var second = await gateway.PostAsync(body, path);
            Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
            Assert.Equal(before + (hits ? 1 : 2), a.Requests.Count);
            Assert.Equal((false, hits), (first.Headers.Contains(CachedRequests.Header), second.Headers.Contains(CachedRequests.Header)));
        }
    }

    private static Func<Microsoft.AspNetCore.Http.HttpContext, JsonObject, Task> Serve(int? breakAfter, Break how = Break.Abort) => (context, body) =>
        body["stream"] is not null ? Scripts.Stream(breakAfter, how)(context, body)
        : breakAfter is null ? Scripts.Answer()(context, body)
        : how == Break.GivenBack ? Scripts.Refuse()(context, body) : Scripts.Die()(context, body);
}
