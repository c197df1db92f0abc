using AttentionOperator.Fleet;
using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Events;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Nodes;
using AttentionOperator.Notifications;
using AttentionOperator.Observation;
using AttentionOperator.Scaling;
using AttentionOperator.Slo.Sources;

namespace AttentionOperator.Hosting;

/// <summary>Runs the caches always, and the controller while this process leads: a standby takes over with warm caches and a full queue.</summary>
internal sealed class ControlLoop(
    OperatorOptions options,
    ModelCaches caches,
    ApiDiscovery discovery,
    FleetView fleet,
    PolicyController policies,
    NodeWatch nodes,
    Controller<ObjectKey> controller,
    EventRecorder events,
    ElectorFactory electors,
    GatewayDirectory gateways,
    SliReader slis,
    FetchProgressReader fetches,
    RolloutNotifier notifier,
    SecureEndpoint secure,
    ScalingLoop scaling,
    ILogger<ControlLoop> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await caches.DiscoverAsync(discovery, stoppingToken);
            await fleet.DiscoverAsync(discovery, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }

        caches.OnChange(controller.Queue.Add);
        fleet.OnChange(controller.Queue.Add);
        fleet.OnPolicyChange(policies.Queue.Add);
        nodes.OnChange(controller.Queue.Add);
        slis.Changed += key => controller.Queue.Add(key);
        fetches.Changed += key => controller.Queue.Add(key);
        scaling.Follow(caches);
        scaling.Changed += key => controller.Queue.Add(key);
        using var stopCaches = new CancellationTokenSource();
        var watching = Task.WhenAll(caches.RunAsync(stopCaches.Token), fleet.RunAsync(stopCaches.Token), nodes.RunAsync(stopCaches.Token), gateways.RunAsync(stopCaches.Token), slis.RunAsync(stopCaches.Token), fetches.RunAsync(stopCaches.Token), notifier.RunAsync(stopCaches.Token), secure.RunAsync(stopCaches.Token));
        try
        {
            await caches.WaitForSyncAsync(stoppingToken);
            await fleet.WaitForSyncAsync(stoppingToken);
            await nodes.WaitForSyncAsync(stoppingToken);
            ControlLoopLog.Synced(logger, caches.Models.Count);
            if (options.LeaderElection)
            {
                await electors.Create().RunAsync(term => LeadAsync(term.Token), stoppingToken);
            }
            else
            {
                await LeadAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The usual end.
        }
        finally
        {
            await stopCaches.CancelAsync();
            await watching;
        }
    }

    private async Task LeadAsync(CancellationToken cancellation)
    {
        ControlLoopLog.Leading(logger, options.Identity);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var sending = Task.WhenAll(events.RunAsync(ended.Token), scaling.RunAsync(ended.Token), secure.KeepAsync(ended.Token));
        try
        {
            await Task.WhenAll(controller.RunAsync(cancellation), policies.RunAsync(cancellation));
        }
        finally
        {
            await ended.CancelAsync();
            await sending;
        }
    }
}
