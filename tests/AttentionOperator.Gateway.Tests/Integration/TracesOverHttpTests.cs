using System.Collections.Concurrent;
using System.Diagnostics;
using AttentionOperator.Gateway.Tracing;

namespace AttentionOperator.Gateway.Tests.Integration;

public sealed class TracesOverHttpTests
{
    [Fact]
    public async Task ARequest_IsASpanUnderTheCallers_AndEachAttemptIsTheParentOfTheRuntimes()
    {
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        var spans = new ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == GatewayTracing.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        await using var gateway = await GatewayUnderTest.StartAsync();
        await using var dead = await MockRuntime.StartAsync(Scripts.Die());
        await using var alive = await MockRuntime.StartAsync();
        gateway.Apply("chat", ("a", 100, [dead]), ("b", 0, [alive]));
        gateway.Apply("chat", ("a", 50, [dead]), ("b", 50, [alive]));
        using (await gateway.PostAsync("""{"model":"chat","prompt":"secret words"}""", "/v1/completions", ("traceparent", $"00-{trace}-00f067aa0ba902b7-01"), ("tracestate", "vendor=1")))
        {
        }

        var request = Assert.Single(await UntilAsync(() => spans.Where(s => s.TraceId.ToHexString() == trace && s.Kind == ActivityKind.Server).ToList(), s => s.Count > 0));
        Assert.Equal(("text_completion chat", "00f067aa0ba902b7", "vendor=1"), (request.DisplayName, request.ParentSpanId.ToHexString(), request.TraceStateString));
        Assert.Equal((200, 7L, 3L), (request.GetTagItem("http.response.status_code"), request.GetTagItem("gen_ai.usage.input_tokens"), request.GetTagItem("gen_ai.usage.output_tokens")));
        var attempts = spans.Where(s => s.TraceId.ToHexString() == trace && s.Kind == ActivityKind.Client).ToList();
        Assert.All(attempts, s => Assert.Equal(request.SpanId, s.ParentSpanId));
        var served = Assert.Single(attempts, s => s.Status != ActivityStatusCode.Error);
        Assert.Equal($"00-{trace}-{served.SpanId.ToHexString()}-01", alive.Requests.Single().Headers["traceparent"]);
        Assert.DoesNotContain(spans.SelectMany(s => s.TagObjects), t => t.Value?.ToString()?.Contains("secret", StringComparison.Ordinal) == true);
    }

    private static async Task<T> UntilAsync<T>(Func<T> read, Func<T, bool> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            if (read() is var value && holds(value)) return value;
            await Task.Delay(10, limit.Token);
        }
    }
}
