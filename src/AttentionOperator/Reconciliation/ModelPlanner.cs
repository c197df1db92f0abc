using System.Collections.Immutable;
using System.Globalization;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Policies;
using AttentionOperator.Api.Rollouts;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Validation;
using AttentionOperator.Children;
using AttentionOperator.Diagnosis;
using AttentionOperator.Memory;
using AttentionOperator.Nodes;
using AttentionOperator.Observation;
using AttentionOperator.Rollouts;
using AttentionOperator.Scaling;
using AttentionOperator.Slo;
using AttentionOperator.Status;
using k8s;
using k8s.Models;

namespace AttentionOperator.Reconciliation;

/// <summary>
/// Plans one pass over an AttentionModel: a function of the model, what was observed of its children, the gateways' counters and the
/// time. It owns no client, clock or logger, and remembers nothing.
/// </summary>
internal sealed class ModelPlanner(PlannerOptions options, IRolloutPlanner rollouts)
{
    // Room under a ceiling comes from other models, whose changes do not bring this one back.
    private static readonly TimeSpan LimitedDelay = TimeSpan.FromSeconds(15);

    // A node that is gone never ends its pods, and its accelerators are nobody's: they are not waited for much longer than they were given.
    private static readonly TimeSpan LeavingPatience = TimeSpan.FromSeconds(30);

    /// <param name="model">The model.</param>
    /// <param name="observed">Its children.</param>
    /// <param name="slis">The gateways' counters; null where none were read.</param>
    /// <param name="time">Now.</param>
    /// <param name="pressure">Replicas by revision that the revisions' own queues ask for; null: none.</param>
    public ReconcilePlan Plan(AttentionModel model, ModelObservation observed, SliObservation? slis, DateTimeOffset time, IReadOnlyDictionary<string, int>? pressure = null)
    {
        if (model.Metadata.DeletionTimestamp is not null)
        {
            return new ReconcilePlan(); // What the model owns is collected with it.
        }

        // Kubernetes keeps whole seconds; a status with fractions would differ from itself when it is read back.
        var now = DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
        var errors = Errors(model, observed);
        var violates = errors.Count == 0 && (errors = Violations(model, observed)).Count > 0;
        var (replicas, limit) = observed.Policy.Replicas(model.Spec.Replicas);
        var history = RevisionHistory.Of(model, observed, errors.Count == 0 ? options.RuntimeImage : null);
        var revisions = States(history, observed, now.UtcDateTime);
        var stable = Stable(model, history, revisions);
        var situation = new RolloutSituation
        {
            Model = model.Metadata.Name,
            Spec = errors.Count == 0 ? Bounded(model.Spec.Rollout, replicas, observed.Policy.Grant) : model.Spec.Rollout,
            Replicas = replicas,
            Stable = stable,
            Target = history.Target?.Hash ?? model.Status?.Rollout?.Revision ?? "",
            Revisions = revisions,
            Traffic = model.Status?.Traffic ?? [],
            Status = model.Status?.Rollout,
            Rejected = model.Status?.Rejected ?? [],
            Slo = PolicyDefaulting.Slo(model.Spec, observed.Policy.Policies) is { Objectives.Count: > 0 } slo ? slo : null,
            Slis = slis,
            Pressure = pressure ?? ImmutableDictionary<string, int>.Empty,
            Evaluations = observed.Evaluations,
            Action = RolloutAction.Parse(model.Metadata.Annotations?.TryGetValue(AnnotationNames.RolloutAction, out var action) == true ? action : null),
            Now = now,
        };
        var decision = history.Target is not null ? rollouts.Plan(situation)
            : IsJudged(situation, errors) ? rollouts.Plan(situation with { Spec = situation.Spec with { Paused = true } })
            : Frozen(model, stable, revisions);

        var memory = Memory(model, observed, history, decision);
        var handover = errors.Count == 0 ? Handover(model, observed, history, situation, decision) : HandoverPlan.None;
        var status = StatusBuilder.Build(new StatusInput
        {
            Replicas = replicas,
            Limit = limit,
            Violates = violates,
            Memory = memory,
            Handover = handover,
            Snapshots = history.Entries.Where(entry => entry.Snapshot is not null).ToDictionary(entry => entry.Hash, entry => entry.Snapshot!, StringComparer.Ordinal),
            PolicySlo = model.Spec.Slo is null ? situation.Slo : null,
            Model = model,
            Observed = observed,
            Revisions = revisions,
            Decision = decision,
            Target = history.Target?.Hash,
            Errors = errors,
            Url = options.GatewayUrl,
            Now = now,
        });
        return new ReconcilePlan
        {
            PodCosts = handover.Costs,
            Apply = [.. Apply(model, history, decision, memory, handover, replicas), .. Evaluation(model, observed, history, decision), .. ScalingChildren(model, history)],
            Delete = [.. Delete(model, observed, history, decision), .. SuperfluousScalingChildren(model, observed, history)],
            Status = status,
            Events = [.. decision.Events, .. StatusBuilder.Events(model.Status, status)],
            LookAgainAfter = LookAgain(limit is null || decision.LookAgainAfter < LimitedDelay ? decision.LookAgainAfter : LimitedDelay, observed, now.UtcDateTime),
            Terminal = errors.Count > 0 && decision.LookAgainAfter is null && limit is null ? violates ? nameof(ConditionReason.PolicyViolation) : nameof(ConditionReason.InvalidSpec) : null,
        };
    }

    /// <summary>When a pod that does not end is not waited for any longer, the plan may be another one.</summary>
    private static TimeSpan? LookAgain(TimeSpan? asked, ModelObservation observed, DateTime now)
    {
        var due = observed.Leaving.Select(pod => pod.Deadline + LeavingPatience - now).Where(left => left > TimeSpan.Zero).DefaultIfEmpty(TimeSpan.MaxValue).Min();
        return asked < due || due == TimeSpan.MaxValue ? asked : due;
    }

    private IReadOnlyList<FieldError> Errors(AttentionModel model, ModelObservation observed) =>
        observed.SpecError is { } unreadable ? [new FieldError("spec", unreadable)]
        : model.Spec?.Resources?.Accelerator?.Claim is not null && observed.Unserved.Contains(ResourceKinds.ClaimTemplate)
            ? [new FieldError("spec.resources.accelerator.claim", $"needs {ResourceKinds.ClaimTemplate.ApiVersion}, which this cluster did not serve when the operator started; ask for an extended resource, or upgrade the cluster and restart the operator")]
        : AttentionModelValidator.Validate(model, options.Validation);

    // Too many replicas are no violation here: an autoscaler may ask for them, and what may run does.
    private static List<FieldError> Violations(AttentionModel model, ModelObservation observed) =>
        [.. PolicyChecker.Check(model.Spec, observed.Policy.Policies).Where(error => error.Field != "spec.replicas")];

    private static RolloutSpec Bounded(RolloutSpec rollout, int replicas, ModelGrant? grant) =>
        grant is not null && grant.Surge < RolloutBudget.Of(rollout, replicas).Surge ? rollout with { MaxSurge = grant.Surge.ToString(CultureInfo.InvariantCulture) } : rollout;

    private static List<MemoryReliefStatus> Memory(AttentionModel model, ModelObservation observed, RevisionHistory history, RolloutDecision decision) =>
    [
        .. history.Entries.Where(entry => entry.Snapshot is not null && decision.Replicas.ContainsKey(entry.Hash)).Select(entry => MemoryRelief.Next(
            model.Status?.Memory?.FirstOrDefault(relief => relief.Revision == entry.Hash),
            entry.Hash,
            entry.Snapshot!,
            PodsOf(observed, entry.Hash).Select(MemoryExhaustion.Of).OfType<MemoryExhaustion>())).OfType<MemoryReliefStatus>(),
    ];

    /// <summary>Replicas of the stable revision are replaced before they leave, except where a rollout moves: it has its own use for the room.</summary>
    private static HandoverPlan Handover(AttentionModel model, ModelObservation observed, RevisionHistory history, RolloutSituation situation, RolloutDecision decision)
    {
        if (decision is not { Stable: { } stable } || decision.Status?.Phase == RolloutPhase.Progressing || !decision.Replicas.TryGetValue(stable, out var replicas)
            || history.Entries.FirstOrDefault(entry => entry.Hash == stable)?.Snapshot is not { } snapshot)
        {
            return HandoverPlan.None;
        }

        var room = RolloutBudget.Of(situation.Spec, situation.Replicas).Peak - decision.Replicas.Values.Sum();
        return HandoverPlanner.Plan([.. PodsOf(observed, stable)], observed.Departures, CapacitySplit.Of(snapshot.Placement?.Spot, model.Spec.OnDemandReplicas, replicas), room) with { CanReplace = room > 0 };
    }

    private static IEnumerable<V1Pod> PodsOf(ModelObservation observed, string revision) =>
        observed.Pods.Where(pod => pod.Metadata.Labels?.TryGetValue(LabelNames.Revision, out var hash) == true && hash == revision);

    private static List<RevisionState> States(RevisionHistory history, ModelObservation observed, DateTime now) =>
    [
        .. history.Entries.Select(entry =>
        {
            var deployment = observed.Deployments.FirstOrDefault(found => found.Revision == entry.Hash && !found.IsDeleting);
            var isShort = deployment is not null && deployment.ReadyReplicas < deployment.Replicas;
            return new RevisionState
            {
                Hash = entry.Hash,
                Number = entry.Number,
                Replicas = deployment?.Replicas,
                Pods = (deployment?.Pods ?? 0) + observed.Leaving.Count(pod => pod.Revision == entry.Hash && now < pod.Deadline + LeavingPatience),
                ReadyReplicas = deployment?.ReadyReplicas ?? 0,
                Failure = isShort ? PodDiagnosis.Of(PodsOf(observed, entry.Hash), observed.Fetches) : null,
            };
        }),
    ];

    /// <summary>The revision that serves: what the status says, or, where the status was lost, what looks most like it.</summary>
    private static string? Stable(AttentionModel model, RevisionHistory history, List<RevisionState> revisions)
    {
        if (model.Status?.StableRevision is { } published && revisions.Any(revision => revision.Hash == published))
        {
            return published;
        }

        return revisions
            .Where(revision => revision.ReadyReplicas > 0)
            .OrderByDescending(revision => revision.Hash == history.Target?.Hash && revision.ReadyReplicas >= revision.Replicas)
            .ThenByDescending(revision => revision.ReadyReplicas)
            .ThenByDescending(revision => revision.Number)
            .FirstOrDefault()?.Hash;
    }

    /// <summary>
    /// True where an invalid spec came in the midst of a rollout: it does not advance, but what is condemned must still go back, as long as what it is judged by
    /// can be read.
    /// </summary>
    private static bool IsJudged(RolloutSituation situation, IReadOnlyList<FieldError> errors) =>
        situation is { Stable: not null, Slo: not null, Status.Phase: RolloutPhase.Progressing or RolloutPhase.Paused or RolloutPhase.Baking }
        && situation.Find(situation.Target) is not null
        && errors.All(error => error.Field != "spec"
            && !error.Field.StartsWith("spec.rollout", StringComparison.Ordinal)
            && !error.Field.StartsWith("spec.slo", StringComparison.Ordinal)
            && !error.Field.StartsWith("spec.replicas", StringComparison.Ordinal));

    /// <summary>An invalid spec changes nothing: what runs goes on as it is.</summary>
    private static RolloutDecision Frozen(AttentionModel model, string? stable, List<RevisionState> revisions) => new()
    {
        Stable = stable,
        Replicas = revisions.Where(revision => revision.Replicas is not null).ToDictionary(revision => revision.Hash, revision => revision.Replicas!.Value, StringComparer.Ordinal),
        Traffic = model.Status?.Traffic ?? [],
        Status = model.Status?.Rollout,
        Rejected = model.Status?.Rejected ?? [],
    };

    private IEnumerable<IKubernetesObject<V1ObjectMeta>> Apply(
        AttentionModel model, RevisionHistory history, RolloutDecision decision, IReadOnlyList<MemoryReliefStatus> memory, HandoverPlan handover, int replicas)
    {
        if (decision.Replicas.Count > 0)
        {
            yield return ModelChildren.ServiceAccount(model);
            if (options.NetworkPolicy is { } shield)
            {
                yield return ModelChildren.NetworkPolicy(model, shield);
            }

            yield return ModelChildren.DisruptionBudget(model, DisruptionLimit.Of(replicas, options.WatchesNodes && handover is { CanReplace: true, IsStuck: false }));
        }

        foreach (var entry in history.Entries.Where(entry => decision.Replicas.ContainsKey(entry.Hash) && entry.Snapshot is not null))
        {
            yield return entry.Render(model);
            var relief = memory.FirstOrDefault(found => found.Revision == entry.Hash);
            foreach (var child in RevisionRenderer.Render(model, entry.Hash, entry.Snapshot!, decision.Replicas[entry.Hash], relief, entry.Hash == decision.Stable ? handover.Extra : null))
            {
                yield return child;
            }
        }
    }

    /// <summary>The Job of an evaluation is made once and never changed: its pods' addresses are those of its beginning.</summary>
    private IEnumerable<IKubernetesObject<V1ObjectMeta>> Evaluation(AttentionModel model, ModelObservation observed, RevisionHistory history, RolloutDecision decision)
    {
        if (decision.Evaluation is { Starts: true } run && observed.Evaluations.All(found => found.Job != run.Job)
            && history.Entries.FirstOrDefault(entry => entry.Hash == run.Canary)?.Snapshot is { } snapshot
            && PodAddresses.Of(observed.Pods, run.Canary) is { } canary)
        {
            yield return EvaluationJob.Render(model, run, snapshot, options.RuntimeImage, canary, PodAddresses.Of(observed.Pods, run.Stable));
        }
    }

    private static IEnumerable<ObservedChild> Delete(AttentionModel model, ModelObservation observed, RevisionHistory history, RolloutDecision decision)
    {
        foreach (var job in observed.Children.Where(child => child.Resource == ResourceKinds.Job && history.Target is not null && child.Key.Name != decision.Evaluation?.Job))
        {
            yield return job;
        }

        foreach (var child in observed.Children.Where(child => child.Revision is { } revision && child.Resource != ResourceKinds.ControllerRevision && !decision.Replicas.ContainsKey(revision)))
        {
            yield return child;
        }

        var superfluous = history.Entries
            .Where(entry => entry.Observed is not null && !decision.Replicas.ContainsKey(entry.Hash) && entry.Hash != history.Target?.Hash && entry.Hash != decision.Stable)
            .OrderByDescending(entry => entry.Number)
            .Skip(model.Spec.Rollout?.RevisionHistoryLimit ?? 0)
            .Select(entry => entry.Observed!.Uid)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var child in observed.Children.Where(child => superfluous.Contains(child.Uid)))
        {
            yield return child;
        }
    }

    /// <summary>An invalid spec changes nothing here either.</summary>
    private static IEnumerable<IKubernetesObject<V1ObjectMeta>> ScalingChildren(AttentionModel model, RevisionHistory history)
    {
        if (history.Target is null)
        {
            yield break;
        }

        if (ScalingRules.Wants(model.Spec))
        {
            yield return ScalingRules.Render(model);
        }

        if (AutoscalerRenderer.Wants(model.Spec))
        {
            yield return AutoscalerRenderer.Render(model);
        }
    }

    private static IEnumerable<ObservedChild> SuperfluousScalingChildren(AttentionModel model, ModelObservation observed, RevisionHistory history) => history.Target is null
        ? []
        : observed.Children.Where(child => child.Revision is null && (
            (child.Resource == ResourceKinds.Autoscaler && !AutoscalerRenderer.Wants(model.Spec))
            || (child.Resource == ResourceKinds.ConfigMap && child.Key.Name == ChildNames.ScalingRules(model.Metadata.Name) && !ScalingRules.Wants(model.Spec))));
}
