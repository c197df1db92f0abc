using System.Net.Sockets;
using AttentionOperator.GatewayBench.Load;
using AttentionOperator.GatewayBench.Runtimes;

namespace AttentionOperator.GatewayBench.Phases;

/// <summary>Memory of the gateway while 10,000 streams are open and get tokens.</summary>
internal sealed class StreamsPhase : IPhase
{
    private const string Model = "streams";
    private const int Wanted = 10_000;

    /// <summary>Files that the gateway has open beside the two sockets of a stream.</summary>
    private const int OtherFiles = 400;

    public string Name => "streams";

    public async Task RunAsync(BenchContext context, CancellationToken cancellation)
    {
        var streams = Math.Min(Wanted, (FileLimit(context.Gateway.Id) - OtherFiles) / 2);
        using var runtimes = await MockProcess.StartAsync(8, context.Behaviour with { TokenInterval = TimeSpan.FromSeconds(5) }, context.Address, context.Directory, cancellation);
        await context.Cluster.CreateModelAsync(Model, TenantModel.Spec(), cancellation);
        await context.Cluster.SetTrafficAsync(Model, cancellation, ("rev-a", 100));
        await context.Cluster.SetPodsAsync(Model, "rev-a", runtimes.EndPoints, cancellation);
        var request = Requests.Post("/v1/completions", Requests.Completion(Model, 150, 1000, stream: true), TenantModel.Key);
        await context.Gateway.UntilServesAsync(Requests.Post("/v1/completions", Requests.Completion(Model, 20, 4, stream: false), TenantModel.Key), cancellation);
        var idle = context.Gateway.ResidentMiB;
        var open = new List<WireConnection>(streams);
        var began = TimeProvider.System.GetTimestamp();
        await Parallel.ForAsync(0, streams, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = cancellation }, async (_, token) =>
        {
            var connection = new WireConnection(context.Gateway.EndPoint);
            await connection.ConnectAsync(token);
            connection.Send(request);
            while (connection.Answer.IndexOf("data: "u8) < 0)
            {
                if (!await connection.ReceiveSomeAsync(token))
                {
                    throw new SocketException((int)SocketError.ConnectionReset);
                }
            }

            lock (open)
            {
                open.Add(connection);
            }
        });
        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        var peak = context.Gateway.ResidentMiB;
        for (var i = 0; i < 20; i++)
        {
            await Task.Delay(300, cancellation);
            peak = Math.Max(peak, context.Gateway.ResidentMiB);
        }

        open.ForEach(c => c.Dispose());
        // What could not be opened for want of files is added by proportion.
        context.Report("streams_10k_rss_mb", idle + ((peak - idle) * Wanted / streams), "MiB");
        context.Note($"streams: {open.Count} open at once (the limit of open files is {FileLimit(context.Gateway.Id)}), opened in {seconds:F1} s, each with a token every 5 s; {idle:F0} MiB before, {peak:F0} MiB at most");
    }

    private static int FileLimit(int process)
    {
        var line = File.ReadLines($"/proc/{process}/limits").First(l => l.StartsWith("Max open files", StringComparison.Ordinal));
        return int.TryParse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], out var limit) ? limit : int.MaxValue;
    }
}
