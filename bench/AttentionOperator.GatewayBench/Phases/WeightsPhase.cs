using System.Net;
using AttentionOperator.GatewayBench.Load;
using AttentionOperator.GatewayBench.Runtimes;

namespace AttentionOperator.GatewayBench.Phases;

/// <summary>How far 10,000 requests are from the split, while pods come and go.</summary>
internal sealed class WeightsPhase : IPhase
{
    private const string Model = "weights";
    private const int Total = 10_000;
    private static readonly (string Revision, int Weight)[] Split = [("rev-a", 83), ("rev-b", 12), ("rev-c", 5)];

    public string Name => "weights";

    public async Task RunAsync(BenchContext context, CancellationToken cancellation)
    {
        await context.Cluster.CreateModelAsync(Model, TenantModel.Spec(), cancellation);
        await context.Cluster.SetTrafficAsync(Model, cancellation, Split);
        var pods = Split.ToDictionary(s => s.Revision, _ => Enumerable.Range(0, 3).Select(_ => new MockPod(context.Address, context.Behaviour)).ToList());
        foreach (var (revision, of) in pods)
        {
            await context.Cluster.SetPodsAsync(Model, revision, [.. of.Select(p => p.EndPoint)], cancellation);
        }

        var request = Requests.Post("/v1/completions", Requests.Completion(Model, 20, 4, stream: false), TenantModel.Key);
        await context.Gateway.UntilServesAsync(request, cancellation);
        var before = pods.ToDictionary(p => p.Key, p => p.Value.Sum(m => m.Served));
        var churn = ChurnAsync(context, pods, cancellation);
        await Parallel.ForAsync(0, 8, cancellation, async (worker, token) =>
        {
            using var connection = new WireConnection(context.Gateway.EndPoint);
            await connection.ConnectAsync(token);
            for (var i = worker; i < Total; i += 8)
            {
                connection.Send(request);
                if (await connection.ReceiveAsync(token) is not 200 and var status)
                {
                    throw new InvalidOperationException($"A request was answered with {status}.");
                }
            }
        });
        await churn;
        var errors = Split.Select(s => Math.Abs((100.0 * (pods[s.Revision].Sum(m => m.Served) - before[s.Revision]) / Total) - s.Weight)).ToList();
        context.Report("weight_error_percent", errors.Max(), "percentage points");
        foreach (var pod in pods.Values.SelectMany(p => p))
        {
            pod.Dispose();
        }
    }

    /// <summary>Takes pods out and in again meanwhile.</summary>
    private static async Task ChurnAsync(BenchContext context, Dictionary<string, List<MockPod>> pods, CancellationToken cancellation)
    {
        for (var i = 0; i < 12; i++)
        {
            var of = pods[Split[i % Split.Length].Revision];
            IReadOnlyList<IPEndPoint> some = [.. of.Skip(i % 2 == 0 ? 1 : 0).Select(p => p.EndPoint)];
            await context.Cluster.SetPodsAsync(Model, Split[i % Split.Length].Revision, some, cancellation);
            await Task.Delay(50, cancellation);
        }
    }
}
