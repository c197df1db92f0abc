using System.Globalization;
using System.Text.Json;
using AttentionOperator.Api.Naming;
using AttentionOperator.Demand;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Observation;
using AttentionOperator.Reconciliation;
using k8s.Models;

namespace AttentionOperator.Scaling;

/// <summary>Marks the busy pods of Deployments that a plan makes smaller, so that the idlest go. What cannot be marked does not keep the plan from being carried out.</summary>
internal sealed class ScaleDownPreparation(ModelCaches caches, IDemandSource demand, KubeApi api, ILogger<ScaleDownPreparation> logger)
{
    public async Task PrepareAsync(ObjectKey model, ModelObservation observed, ReconcilePlan plan, CancellationToken cancellation)
    {
        var shrinking = plan.Apply.OfType<V1Deployment>()
            .Select(wanted => (Wanted: wanted.Spec.Replicas ?? 1, Live: observed.Deployments.FirstOrDefault(live => live.Name == wanted.Metadata.Name)))
            // Where none stays there is nothing to choose.
            .Where(entry => entry.Wanted > 0 && entry.Live is { ReadyReplicas: > 1 } live && entry.Wanted < live.Replicas)
            .Select(entry => entry.Live!.Revision)
            .ToHashSet(StringComparer.Ordinal);
        if (shrinking.Count == 0)
        {
            return;
        }

        var loads = (await demand.ReadAsync(model, true, cancellation)).Pods ?? [];
        var pods = caches.PodsOf(model).Select(PodReader.Read).OfType<ObservedPod>().ToList();
        foreach (var revision in shrinking)
        {
            // Pods that have to leave were given their cost by the plan.
            foreach (var (pod, cost) in DeletionCosts.Plan(pods.Where(pod => pod.Revision == revision && !plan.PodCosts.ContainsKey(pod.Key.Name) && !IsLeaving(pod)), loads))
            {
                await MarkAsync(pod, cost, cancellation);
            }
        }
    }

    private static bool IsLeaving(ObservedPod pod) => pod.DeletionCost is { } cost && cost.StartsWith('-');

    private async Task MarkAsync(ObservedPod pod, int cost, CancellationToken cancellation)
    {
        try
        {
            var annotations = new Dictionary<string, string> { [AnnotationNames.PodDeletionCost] = cost.ToString(CultureInfo.InvariantCulture) };
            await api.MergePatchAsync(ResourceKinds.Pod, pod.Key, JsonSerializer.SerializeToUtf8Bytes(new { metadata = new { annotations } }), null, cancellation);
        }
        catch (Exception e) when (e is KubeApiException or HttpRequestException)
        {
            ScalingLog.CostRefused(logger, pod.Key.ToString(), e.Message);
        }
    }
}
