using System.Net;
using AttentionOperator.Bench.Results;
using AttentionOperator.GatewayBench.Cluster;
using AttentionOperator.GatewayBench.Peers;
using AttentionOperator.GatewayBench.Phases;
using AttentionOperator.Tokenization;

namespace AttentionOperator.GatewayBench;

/// <summary>The gateway on the Sandbox's API, one phase after the other.</summary>
internal static class GatewayBenchmark
{
    private static readonly IReadOnlyList<IPhase> Phases =
    [
        new LatencyPhase(), new SaturationPhase(), new LongPromptsPhase(), new WeightsPhase(), new SplitMovePhase(), new ReservationPhase(), new NoisyTenantPhase(), new ChaosPhase(), new StreamsPhase(), new SlisPhase(),
    ];

    public static async Task RunAsync(BenchmarkOptions options, CancellationToken cancellation)
    {
        var directory = Directory.CreateTempSubdirectory("gateway-bench-").FullName;
        try
        {
            var tokenizer = Path.Combine(options.Root, "models", "austen-v1");
            using var cluster = await BenchCluster.StartAsync(options, directory, cancellation);
            using var gateway = await GatewayProcess.StartAsync(options, cluster, LoopbackOf(1), directory, cancellation);
            var context = new BenchContext(cluster, gateway, new PeerPrograms(options.Peers), LoopbackOf(2), directory, tokenizer, TokenizerLoader.Load(tokenizer).Tokenizer.Fingerprint);
            context.MountTokenizer(TenantModel.Name);
            await TenantModel.CreateAsync(context, cancellation);
            foreach (var phase in Phases.Where(p => options.Phases.Count == 0 || options.Phases.Contains(p.Name)))
            {
                context.Say($"-- {phase.Name}");
                await phase.RunAsync(context, cancellation);
            }

            if (options.Phases.Count > 0)
            {
                return;
            }

            var report = BenchmarkReport.Create("gateway", "make bench-gateway", options.Root, context.Metrics, context.Notes);
            report.Write(options.Root);
            Console.WriteLine(report.ToJson());
        }
        catch (Exception) when (File.Exists(Path.Combine(directory, "gateway.log")))
        {
            var log = File.ReadLines(Path.Combine(directory, "gateway.log")).Where(l => !l.Contains("\"Information\"", StringComparison.Ordinal)).TakeLast(20);
            await Console.Error.WriteLineAsync("the gateway's last warnings:\n" + string.Join("\n", log));
            throw;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>An address of this run alone, because the gateway's ports are fixed.</summary>
    private static IPAddress LoopbackOf(byte last) => new([127, (byte)(100 + (Environment.ProcessId >> 8 & 0x3f)), (byte)Environment.ProcessId, last]);
}
