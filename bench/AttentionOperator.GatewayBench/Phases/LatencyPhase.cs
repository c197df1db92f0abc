using System.Net;
using AttentionOperator.GatewayBench.Load;
using AttentionOperator.GatewayBench.Peers;
using AttentionOperator.GatewayBench.Runtimes;

namespace AttentionOperator.GatewayBench.Phases;

/// <summary>What the hop through the gateway adds at 500 requests per second, half of them streams, in turns with no hop and with plain proxies.</summary>
internal sealed class LatencyPhase : IPhase
{
    private const int PerSecond = 500;
    private const int Turns = 3;
    private static readonly TimeSpan Warmup = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(4);

    public string Name => "latency";

    public async Task RunAsync(BenchContext context, CancellationToken cancellation)
    {
        using var runtimes = await MockProcess.StartAsync(4, context.Behaviour, context.Address, context.Directory, cancellation);
        await context.Cluster.SetPodsAsync(TenantModel.Name, TenantModel.Revision, runtimes.EndPoints, cancellation);
        using var haproxy = await PlainProxy.HaproxyAsync(context.Peers, context.Address, runtimes.EndPoints, context.Directory, cancellation);
        using var nginx = await PlainProxy.NginxAsync(context.Peers, context.Address, runtimes.EndPoints, context.Directory, cancellation);
        await context.Gateway.UntilServesAsync(TenantModel.Plain(), cancellation);
        (string Name, IPEndPoint EndPoint)[] targets = [("direct", runtimes.EndPoints[0]), ("haproxy", haproxy.EndPoint), ("nginx", nginx.EndPoint), ("gateway", context.Gateway.EndPoint)];
        var loads = targets.Select(t => new ConstantRate(t.EndPoint, TenantModel.Mixed(), PerSecond)).ToList();
        await loads[^1].RunAsync(Warmup, cancellation);
        await loads[0].RunAsync(TimeSpan.FromSeconds(2), cancellation);
        var results = targets.ToDictionary(t => t.Name, _ => new List<LoadResult>());
        var processor = TimeSpan.Zero;
        for (var turn = 0; turn < Turns; turn++)
        {
            for (var i = 0; i < targets.Length; i++)
            {
                var before = context.Gateway.ProcessorTime;
                var result = await loads[i].RunAsync(Turn, cancellation);
                if (i == targets.Length - 1)
                {
                    processor += context.Gateway.ProcessorTime - before;
                }

                results[targets[i].Name].Add(result);
                context.Say($"{targets[i].Name}: {result}");
            }
        }

        loads.ForEach(l => l.Dispose());
        if (results["gateway"].Sum(r => r.Errors) is > 0 and var errors)
        {
            throw new InvalidOperationException($"{errors} requests through the gateway failed.");
        }

        context.Report("added_p50_ms_500rps", Added(r => r.P50, "gateway"), "ms", "haproxy", Added(r => r.P50, "haproxy"));
        context.Report("added_p99_ms_500rps", Added(r => r.P99, "gateway"), "ms", "haproxy", Added(r => r.P99, "haproxy"));
        context.Note($"nginx adds {Added(r => r.P50, "nginx"):F3} ms P50 and {Added(r => r.P99, "nginx"):F3} ms P99; the gateway used {processor / (Turns * Turn):F2} cores at {PerSecond} requests/s; direct: P50 {Median(results["direct"], r => r.P50):F3} ms, P99 {Median(results["direct"], r => r.P99):F3} ms");

        double Added(Func<LoadResult, double> quantile, string name) => Median(results[name], quantile) - Median(results["direct"], quantile);
    }

    /// <summary>Of the turns: one that something else on the machine disturbed does not decide.</summary>
    private static double Median(List<LoadResult> turns, Func<LoadResult, double> quantile) => turns.Select(quantile).Order().ElementAt(turns.Count / 2);
}
