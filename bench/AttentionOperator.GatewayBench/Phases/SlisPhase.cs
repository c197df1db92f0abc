using AttentionOperator.Bench.Results;
using AttentionOperator.GatewayBench.Load;
using AttentionOperator.GatewayBench.Runtimes;

namespace AttentionOperator.GatewayBench.Phases;

/// <summary>The operator's look at the counters of 1,000 models, each with two revisions and three objectives.</summary>
internal sealed class SlisPhase : IPhase
{
    private const int Models = 1_000;
    private const int Looks = 200;

    public string Name => "slis";

    public async Task RunAsync(BenchContext context, CancellationToken cancellation)
    {
        using var pod = new MockPod(context.Address, context.Behaviour);
        await Parallel.ForAsync(0, Models, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellation }, async (i, token) =>
        {
            await context.Cluster.CreateModelAsync($"m{i}", [], token);
            await context.Cluster.SetTrafficAsync($"m{i}", token, ("rev-a", 50), ("rev-b", 50));
        });
        for (var i = 0; i < Models; i++)
        {
            await context.Cluster.SetPodsAsync($"m{i}", "rev-a", [pod.EndPoint], cancellation);
            await context.Cluster.SetPodsAsync($"m{i}", "rev-b", [pod.EndPoint], cancellation);
        }

        using (var connection = new WireConnection(context.Gateway.EndPoint))
        {
            await connection.ConnectAsync(cancellation);
            await context.Gateway.UntilServesAsync(Requests.Post("/v1/completions", Requests.Completion($"m{Models - 1}", 4, 2, stream: false), null, ("X-Attention-Revision", "rev-b")), cancellation);
            for (var i = 0; i < 2 * Models; i++)
            {
                connection.Send(Requests.Post("/v1/completions", Requests.Completion($"m{i / 2}", 4, 2, stream: false), null, ("X-Attention-Revision", i % 2 == 0 ? "rev-a" : "rev-b")));
                await connection.ReceiveAsync(cancellation);
            }
        }

        var times = new List<double>();
        var bytes = 0;
        for (var i = 0; i < Looks; i++)
        {
            var start = TimeProvider.System.GetTimestamp();
            bytes = (await context.Gateway.Admin.GetByteArrayAsync(new Uri("/slis", UriKind.Relative), cancellation)).Length;
            times.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
            await Task.Delay(5, cancellation);
        }

        var warm = times.Skip(Looks / 4).ToList();
        context.Report("slis_1000_models_ms", Quantiles.Of(warm, 0.5), "ms");
        context.Note($"slis: {bytes / 1024} KiB, P50 {Quantiles.Of(warm, 0.5):F2} ms, P99 {Quantiles.Of(warm, 0.99):F2} ms as a client sees it, {Models} models of two revisions and three objectives");
    }
}
