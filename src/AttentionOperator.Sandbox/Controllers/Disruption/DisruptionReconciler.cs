using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Sandbox.Scheduling;
using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.Disruption;

/// <summary>Keeps the status of PodDisruptionBudgets, by which the eviction subresource decides.</summary>
internal sealed class DisruptionReconciler(ClusterCaches caches, ClusterWriter writer, OwnWrites<ObjectKey> writes, TimeProvider time) : IReconciler<ObjectKey>
{
    // An eviction that was allowed but did not lead to a deletion by then is forgotten, as Kubernetes does.
    private static readonly TimeSpan DisruptionMemory = TimeSpan.FromMinutes(2);

    public static IEnumerable<ObjectKey> BudgetsOf(ClusterCaches caches, V1Pod pod) =>
        SelectorIndex.OfLabels(pod.Metadata)
            .SelectMany(entry => caches.Budgets.ByIndex(SelectorIndex.Name, entry))
            .Where(b => LabelMatching.Matches(b.Spec.Selector, pod.Metadata.Labels))
            .Select(ClusterWriter.KeyOf)
            .Distinct();

    public async ValueTask<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (caches.Budgets.Get(key) is not { } budget)
        {
            writes.Forget(key);
            return ReconcileResult.Done;
        }

        var now = time.GetUtcNow().UtcDateTime;
        var pods = caches.Pods.ByIndex(SelectorIndex.Name, SelectorIndex.Lookup(key.Namespace, budget.Spec.Selector?.MatchLabels))
            .Where(p => LabelMatching.Matches(budget.Spec.Selector, p.Metadata.Labels) && !PodFacts.IsFinished(p))
            .ToList();
        var disrupted = (budget.Status?.DisruptedPods ?? new Dictionary<string, DateTime?>())
            .Where(d => d.Value > now - DisruptionMemory && pods.Any(p => p.Metadata.Name == d.Key && p.Metadata.DeletionTimestamp is null))
            .ToDictionary(StringComparer.Ordinal);
        var status = DisruptionBudget.Plan(budget, Expected(budget, pods), pods, disrupted);
        status.Conditions = [Condition(budget, status, now)];
        if (!PatchJson.Same(status, budget.Status))
        {
            // A whole replacement at the version that was read: an eviction in between must not be overwritten.
            var gone = (budget.Status?.DisruptedPods?.Keys ?? []).Where(k => !disrupted.ContainsKey(k)).ToDictionary(k => k, _ => (object?)null, StringComparer.Ordinal);
            var patch = new { metadata = new { resourceVersion = budget.Metadata.ResourceVersion }, status };
            if (await writer.PatchAsync(budget, gone.Count == 0 ? patch : Removing(budget, status, gone), "status", cancellation).ConfigureAwait(false) is { } written)
            {
                writes.Record(key, caches.Budgets, written);
            }
        }

        var next = disrupted.Count == 0 ? (DateTime?)null : disrupted.Values.Min() + DisruptionMemory;
        return next is { } due && due > now ? ReconcileResult.Waiting(due - now, "DisruptionMemory") : ReconcileResult.Done;
    }

    private static object Removing(V1PodDisruptionBudget budget, V1PodDisruptionBudgetStatus status, Dictionary<string, object?> gone) => new
    {
        metadata = new { resourceVersion = budget.Metadata.ResourceVersion },
        status = new
        {
            status.ExpectedPods,
            status.CurrentHealthy,
            status.DesiredHealthy,
            status.DisruptionsAllowed,
            status.ObservedGeneration,
            status.Conditions,
            DisruptedPods = gone,
        },
    };

    // What the pods' owners want in all; for pods without an owner, as many as there are.
    private int Expected(V1PodDisruptionBudget budget, List<V1Pod> pods)
    {
        if (budget.Spec.MaxUnavailable is null && budget.Spec.MinAvailable?.Value.EndsWith('%') != true)
        {
            return pods.Count;
        }

        var owners = pods.Select(p => (Pod: p, Owner: OwnerReferences.Controller(p.Metadata))).ToList();
        var loose = owners.Count(o => o.Owner is null);
        return loose + owners.Where(o => o.Owner is not null).GroupBy(o => o.Owner!.Uid, StringComparer.Ordinal).Sum(group =>
            group.First().Owner is { Kind: "ReplicaSet" } owner
            && caches.ReplicaSets.Get(new ObjectKey(budget.Metadata.NamespaceProperty, owner.Name)) is { } set
                ? ExpectedOf(set)
                : group.Count());
    }

    private int ExpectedOf(V1ReplicaSet set) =>
        OwnerReferences.ControllerKey(set.Metadata, V1Deployment.KubeKind) is { } key && caches.Deployments.Get(key) is { } deployment
            ? deployment.Spec.Replicas ?? 1
            : set.Spec.Replicas ?? 1;

    private static V1Condition Condition(V1PodDisruptionBudget budget, V1PodDisruptionBudgetStatus status, DateTime now)
    {
        var allowed = status.DisruptionsAllowed > 0;
        var text = allowed ? "True" : "False";
        var before = budget.Status?.Conditions?.FirstOrDefault(c => c.Type == "DisruptionAllowed");
        return new V1Condition
        {
            Type = "DisruptionAllowed",
            Status = text,
            Reason = allowed ? "SufficientPods" : "InsufficientPods",
            Message = string.Empty,
            ObservedGeneration = budget.Metadata.Generation,
            LastTransitionTime = before?.Status == text ? before.LastTransitionTime : now,
        };
    }
}
