using System.Diagnostics;
using System.Globalization;

namespace AttentionOperator.Bench.Rollout.Live;

/// <summary>
/// Real rollbacks: Sandbox, operator and gateway as processes, stand-ins for the runtime that fail a fifth of the requests. Several models at once, each at its own
/// 100 requests/s, so that enough repetitions for a 99th percentile take minutes.
/// </summary>
internal static class LiveBench
{
    /// <summary>Accelerators that a model may hold: one replica, and a surge of one.</summary>
    private const int Budget = 2;

    public static async Task<(IReadOnlyList<double> Seconds, long PeakOverBudget)> RunAsync(string root, int models, int repetitions)
    {
        await using var sandbox = await SandboxProcess.StartAsync(root);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 512 });
        var clock = Stopwatch.StartNew();
        List<LiveModel> fleet = [.. Enumerable.Range(0, models).Select(i => new LiveModel(sandbox, http, clock, $"bench-{i}"))];
        await Task.WhenAll(fleet.Select(model => model.ServeAsync()));

        using var stop = new CancellationTokenSource();
        var accelerators = new AcceleratorWatch(sandbox);
        List<Task> background = [accelerators.RunAsync(stop.Token), .. fleet.Select(model => model.LoadAsync(stop.Token))];
        var seconds = new List<double>();
        try
        {
            await Task.WhenAll(fleet.Select(async (model, which) =>
            {
                for (var i = which; i < repetitions; i += models)
                {
                    var took = await model.RollbackAsync(i);
                    lock (seconds)
                    {
                        seconds.Add(took);
                    }

                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{model.Name}: weight 0 at the gateway {took:F2} s after the first bad request"));
                }
            }));
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(background);
        }

        return (seconds, Math.Max(0, accelerators.Peak - Budget));
    }
}
