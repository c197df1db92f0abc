using AttentionOperator.GatewayBench.Load;
using AttentionOperator.GatewayBench.Runtimes;

namespace AttentionOperator.GatewayBench.Phases;

/// <summary>From sending a write of <c>status.traffic</c> to the last request that still went by the old split, at 500 requests per second.</summary>
internal sealed class SplitMovePhase : IPhase
{
    private const string Model = "split";
    private const int Moves = 20;

    public string Name => "split";

    public async Task RunAsync(BenchContext context, CancellationToken cancellation)
    {
        using var a = new MockPod(context.Address, context.Behaviour);
        using var b = new MockPod(context.Address, context.Behaviour);
        await context.Cluster.CreateModelAsync(Model, TenantModel.Spec(), cancellation);
        await context.Cluster.SetTrafficAsync(Model, cancellation, ("rev-a", 100), ("rev-b", 0));
        await context.Cluster.SetPodsAsync(Model, "rev-a", [a.EndPoint], cancellation);
        await context.Cluster.SetPodsAsync(Model, "rev-b", [b.EndPoint], cancellation);
        var request = Requests.Post("/v1/completions", Requests.Completion(Model, 20, 4, stream: false), TenantModel.Key);
        await context.Gateway.UntilServesAsync(request, cancellation);
        using var load = new ConstantRate(context.Gateway.EndPoint, [request], 500);
        var run = load.RunAsync(TimeSpan.FromSeconds(Moves * 0.35), cancellation);
        var moves = new List<double>();
        for (var i = 0; i < Moves; i++)
        {
            await Task.Delay(150, cancellation);
            var old = i % 2 == 0 ? a : b;
            var written = TimeProvider.System.GetTimestamp();
            await context.Cluster.SetTrafficAsync(Model, cancellation, ("rev-a", i % 2 == 0 ? 0 : 100), ("rev-b", i % 2 == 0 ? 100 : 0));
            await Task.Delay(150, cancellation);
            moves.Add(Math.Max(0, TimeProvider.System.GetElapsedTime(written, old.LastRequestAt).TotalMilliseconds));
        }

        var result = await run;
        context.Report("split_move_ms", moves.Max(), "ms");
        context.Note($"split: median of {Moves} moves {moves.Order().ElementAt(Moves / 2):F1} ms, the API server's write included; {result}");
    }
}
