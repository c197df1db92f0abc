using System.Net;
using System.Text.Json;
using AttentionOperator.GatewayBench.Load;
using AttentionOperator.GatewayBench.Runtimes;

namespace AttentionOperator.GatewayBench.Phases;

/// <summary>A tenant with 20,000 tokens per minute sends 400 requests at once that use all that they may: what was used beyond its bucket and refill.</summary>
internal sealed class ReservationPhase : IPhase
{
    private const int Burst = 400;
    private const int MaxTokens = 250;
    private const int PerMinute = 20_000;

    public string Name => "reservation";

    public async Task RunAsync(BenchContext context, CancellationToken cancellation)
    {
        using var pod = new MockPod(context.Address, context.Behaviour with { PromptTokens = 20, ServiceTime = TimeSpan.FromMilliseconds(300) });
        await context.Cluster.SetPodsAsync(TenantModel.Name, TenantModel.Revision, [pod.EndPoint], cancellation);
        await context.Gateway.UntilServesAsync(TenantModel.Plain(), cancellation);
        var request = Requests.Post("/v1/completions", Requests.Completion(TenantModel.Name, 15, MaxTokens, stream: false), "burst");
        var connections = Enumerable.Range(0, Burst).Select(_ => new WireConnection(context.Gateway.EndPoint)).ToList();
        await Task.WhenAll(connections.Select(c => c.ConnectAsync(cancellation)));
        var start = TimeProvider.System.GetTimestamp();
        long used = 0;
        var served = 0;
        await Task.WhenAll(connections.Select(c => Task.Run(
            async () =>
            {
                c.Send(request);
                if (await c.ReceiveAsync(cancellation) == 200)
                {
                    Interlocked.Add(ref used, TotalTokens(c.Answer));
                    Interlocked.Increment(ref served);
                }
            },
            cancellation)));
        var refill = TimeProvider.System.GetElapsedTime(start).TotalMinutes * PerMinute;
        connections.ForEach(c => c.Dispose());
        context.Report("reservation_overshoot_tokens", Math.Max(0, used - PerMinute - refill), "tokens");
        context.Note($"reservation: {served} of {Burst} requests at once were served, {used} tokens used of {PerMinute} and {refill:F0} refilled meanwhile");
    }

    private static long TotalTokens(ReadOnlySpan<byte> answer)
    {
        var reader = new Utf8JsonReader(answer[(answer.IndexOf("\r\n\r\n"u8) + 4)..]);
        using var document = JsonDocument.ParseValue(ref reader);
        return document.RootElement.GetProperty("usage").GetProperty("total_tokens").GetInt64();
    }
}
