using System.Collections.Concurrent;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Objects;
using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.Autoscaling;

/// <summary>Looks at each HorizontalPodAutoscaler at a fixed interval and sets its target's size.</summary>
internal sealed class AutoscalerReconciler(
    ClusterCaches caches, ClusterWriter writer, EventRecorder events, ScaleClient scales, MetricReader metrics, TimeSpan interval, TimeProvider time)
    : IReconciler<ObjectKey>
{
    private const string Component = "horizontal-pod-autoscaler";
    private readonly ConcurrentDictionary<ObjectKey, (string Uid, ScalingHistory History)> _histories = new();

    public async ValueTask<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (caches.Autoscalers.Get(key) is not { } autoscaler || autoscaler.Metadata.DeletionTimestamp is not null)
        {
            _histories.TryRemove(key, out _);
            return ReconcileResult.Done;
        }

        var status = await LookAsync(key, autoscaler, cancellation).ConfigureAwait(false);
        if (!PatchJson.Same(status, autoscaler.Status))
        {
            await writer.PatchStatusAsync(autoscaler, status, cancellation).ConfigureAwait(false);
        }

        return ReconcileResult.Waiting(interval, "NextLook");
    }

    private async Task<V2HorizontalPodAutoscalerStatus> LookAsync(ObjectKey key, V2HorizontalPodAutoscaler autoscaler, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var before = autoscaler.Status ?? new V2HorizontalPodAutoscalerStatus();
        var conditions = new AutoscalerConditions(before.Conditions, now.UtcDateTime);
        TargetScale scale;
        try
        {
            scale = await scales.GetAsync(key.Namespace, autoscaler.Spec.ScaleTargetRef, cancellation).ConfigureAwait(false);
        }
        catch (MetricsException exception)
        {
            events.Record(autoscaler, "Warning", "FailedGetScale", exception.Message, Component);
            conditions.Set("AbleToScale", false, "FailedGetScale", $"the HPA controller was unable to get the target's current scale: {exception.Message}");
            return before with { Conditions = conditions.List, ObservedGeneration = autoscaler.Metadata.Generation };
        }

        var proposals = await metrics.ReadAsync(autoscaler, scale, cancellation).ConfigureAwait(false);
        foreach (var failed in proposals.Where(p => p.Replicas is null))
        {
            events.Record(autoscaler, "Warning", failed.FailureReason!, failed.FailureMessage!, Component);
        }

        var history = _histories.TryGetValue(key, out var known) && known.Uid == autoscaler.Metadata.Uid ? known.History : ScalingHistory.Empty;
        var decision = ScalingPlanner.Plan(autoscaler.Spec, scale.Wanted, proposals, history, now);
        history = decision.History;
        conditions.Set("AbleToScale", true, "ReadyForNewScale", "recommended size matches current size");
        if (decision.Replicas != scale.Wanted)
        {
            await RescaleAsync(key, autoscaler, decision, conditions, cancellation).ConfigureAwait(false);
            history = history.WithChange(now, scale.Wanted, decision.Replicas);
        }

        _histories[key] = (autoscaler.Metadata.Uid, history);
        conditions.Set("ScalingActive", decision.Active.Status, decision.Active.Reason, decision.Active.Message);
        conditions.Set("ScalingLimited", decision.Limited.Status, decision.Limited.Reason, decision.Limited.Message);
        return new V2HorizontalPodAutoscalerStatus
        {
            ObservedGeneration = autoscaler.Metadata.Generation,
            CurrentReplicas = scale.Current,
            DesiredReplicas = decision.Replicas,
            LastScaleTime = decision.Replicas != scale.Wanted ? now.UtcDateTime : before.LastScaleTime,
            CurrentMetrics = [.. proposals.Where(p => p.Status is not null).Select(p => p.Status!)],
            Conditions = conditions.List,
        };
    }

    private async Task RescaleAsync(
        ObjectKey key, V2HorizontalPodAutoscaler autoscaler, ScalingDecision decision, AutoscalerConditions conditions, CancellationToken cancellation)
    {
        try
        {
            await scales.SetAsync(key.Namespace, autoscaler.Spec.ScaleTargetRef, decision.Replicas, cancellation).ConfigureAwait(false);
        }
        catch (KubeApiException exception)
        {
            events.Record(autoscaler, "Warning", "FailedRescale", $"New size: {decision.Replicas}; reason: {decision.Reason}; error: {exception.Message}", Component);
            throw;
        }

        events.Record(autoscaler, "Normal", "SuccessfulRescale", $"New size: {decision.Replicas}; reason: {decision.Reason}", Component);
        conditions.Set("AbleToScale", true, "SucceededRescale", $"the HPA controller was able to update the target scale to {decision.Replicas}");
    }
}
