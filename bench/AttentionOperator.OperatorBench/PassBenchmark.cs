using AttentionOperator.Fleet;
using AttentionOperator.Hosting;
using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Nodes;
using AttentionOperator.Observation;
using AttentionOperator.Reconciliation;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AttentionOperator.OperatorBench;

/// <summary>
/// The operator's caches and reconciler in this process, without the API server's load beside it: how many passes with nothing to do
/// a full queue gives per second, and how long each takes.
/// </summary>
internal sealed class PassBenchmark : IAsyncDisposable
{
    private readonly WebApplication host;
    private readonly ModelCaches caches;
    private readonly int workers;
    private readonly CancellationTokenSource stop = new();
    private readonly FleetView fleet;
    private readonly NodeWatch nodes;
    private Task watching = Task.CompletedTask;
    private IReconciler<ObjectKey> reconciler;

    public PassBenchmark(string kubeConfig, int workers)
    {
        this.workers = workers;
        host = OperatorHost.Build(new OperatorOptions { KubeConfig = kubeConfig, Listen = "127.0.0.1:0", LeaderElection = false, HostPaths = ["/models"], LogLevel = LogLevel.Warning });
        caches = host.Services.GetRequiredService<ModelCaches>();
        reconciler = host.Services.GetRequiredService<IReconciler<ObjectKey>>();
        fleet = host.Services.GetRequiredService<FleetView>();
        nodes = host.Services.GetRequiredService<NodeWatch>();
    }

    public async Task WaitForSyncAsync(CancellationToken cancellation)
    {
        var discovery = host.Services.GetRequiredService<ApiDiscovery>();
        await caches.DiscoverAsync(discovery, cancellation);
        await fleet.DiscoverAsync(discovery, cancellation);
        watching = Task.WhenAll(caches.RunAsync(stop.Token), fleet.RunAsync(stop.Token), nodes.RunAsync(stop.Token));
        await Task.WhenAll(caches.WaitForSyncAsync(cancellation), fleet.WaitForSyncAsync(cancellation), nodes.WaitForSyncAsync(cancellation));
    }

    /// <summary>Forgets which passes changed nothing, as a restart does, so that the next ones are made in full.</summary>
    public void ForgetPasses() => reconciler = ActivatorUtilities.CreateInstance<ModelReconciler>(host.Services);

    /// <summary>One pass over every model.</summary>
    /// <param name="change">Changes every model first, while no worker runs; null changes nothing.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<PassRun> RunAsync(Func<Task>? change, CancellationToken cancellation)
    {
        var count = caches.Models.Count;
        var timed = new TimedReconciler(reconciler, count);
        using var controller = new Controller<ObjectKey>(timed, new ControllerOptions { Name = "bench", Workers = workers }, NullLogger<Controller<ObjectKey>>.Instance);
        if (change is null)
        {
            foreach (var model in caches.Models.List())
            {
                controller.Queue.Add(model.Key);
            }
        }
        else
        {
            await ChangeAsync(controller, change, cancellation);
        }

        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var start = TimeProvider.System.GetTimestamp();
        var running = controller.RunAsync(done.Token);
        await timed.All.WaitAsync(cancellation);
        var elapsed = TimeProvider.System.GetElapsedTime(start);
        await done.CancelAsync();
        await running;
        return new PassRun(count / elapsed.TotalSeconds, timed.Milliseconds);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await watching;
        await host.DisposeAsync();
        stop.Dispose();
    }

    private async Task ChangeAsync(Controller<ObjectKey> controller, Func<Task> change, CancellationToken cancellation)
    {
        var queued = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var handler = caches.Models.AddHandler(changed =>
        {
            if (changed is { IsInitial: false, Kind: InformerEventKind.Modified })
            {
                controller.Queue.Add(changed.Key);
                if (controller.Queue.Count == caches.Models.Count)
                {
                    queued.TrySetResult();
                }
            }
        });
        await change();
        await queued.Task.WaitAsync(cancellation);
    }
}
