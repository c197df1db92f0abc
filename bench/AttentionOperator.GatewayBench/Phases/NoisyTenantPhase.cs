using AttentionOperator.GatewayBench.Load;
using AttentionOperator.GatewayBench.Runtimes;

namespace AttentionOperator.GatewayBench.Phases;

/// <summary>A tenant at its pace, alone and beside one that sends ten times its limit; runtimes that take 30 ms and 8 requests at once.</summary>
internal sealed class NoisyTenantPhase : IPhase
{
    private const string Model = "tenants";
    private const int QuietPerSecond = 100;

    /// <summary>Ten times the limit of 1,200 per minute.</summary>
    private const int NoisyPerSecond = 200;
    private const int Turns = 3;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(4);

    public string Name => "tenants";

    public async Task RunAsync(BenchContext context, CancellationToken cancellation)
    {
        var pods = Enumerable.Range(0, 4).Select(_ => new MockPod(context.Address, context.Behaviour with { ServiceTime = TimeSpan.FromMilliseconds(30) })).ToList();
        await context.Cluster.CreateModelAsync(Model, TenantModel.Spec(maxSequences: 8), cancellation);
        await context.Cluster.SetTrafficAsync(Model, cancellation, ("rev-a", 100));
        await context.Cluster.SetPodsAsync(Model, "rev-a", [.. pods.Select(p => p.EndPoint)], cancellation);
        var quiet = Requests.Post("/v1/completions", Requests.Completion(Model, 150, 8, stream: false), "quiet");
        var noisy = Requests.Post("/v1/completions", Requests.Completion(Model, 150, 8, stream: false), "noisy");
        await context.Gateway.UntilServesAsync(quiet, cancellation);
        using var quietLoad = new ConstantRate(context.Gateway.EndPoint, [quiet], QuietPerSecond);
        using var noisyLoad = new ConstantRate(context.Gateway.EndPoint, [noisy], NoisyPerSecond);
        await noisyLoad.RunAsync(Time, cancellation); // uses up what its bucket holds at first
        List<LoadResult> alone = [], beside = [];
        LoadResult? noise = null;
        for (var turn = 0; turn < Turns; turn++)
        {
            alone.Add(await quietLoad.RunAsync(Time, cancellation));
            var other = noisyLoad.RunAsync(Time, cancellation);
            beside.Add(await quietLoad.RunAsync(Time, cancellation));
            noise = await other;
        }

        var delays = new Func<LoadResult, double>[] { r => r.Mean, r => r.P50, r => r.P95 }.Select(of => (100 * Median(beside, of) / Median(alone, of)) - 100).ToList();
        context.Report("noisy_tenant_delay_percent", delays.Max(), "percent");
        context.Note($"tenants: alone {alone[^1]}; beside the noisy one {beside[^1]}; the noisy one had {noise!.Answers} answers and {noise.Errors} refusals; delay of mean, P50, P95: {string.Join(", ", delays.Select(d => $"{d:F1}"))} %");
        pods.ForEach(p => p.Dispose());
    }

    private static double Median(List<LoadResult> turns, Func<LoadResult, double> of) => turns.Select(of).Order().ElementAt(turns.Count / 2);
}
