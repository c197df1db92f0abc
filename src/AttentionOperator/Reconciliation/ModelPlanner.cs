using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Revisions;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Validation;
using AttentionOperator.Children;
using AttentionOperator.Diagnosis;
using AttentionOperator.Observation;
using AttentionOperator.Rollouts;
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
    public ReconcilePlan Plan(AttentionModel model, ModelObservation observed, SliObservation? slis, DateTimeOffset time)
    {
        if (model.Metadata.DeletionTimestamp is not null)
        {
            return new ReconcilePlan(); // What the model owns is collected with it.
        }

        // Kubernetes keeps whole seconds; a status with fractions would differ from itself when it is read back.
        var now = DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
        var errors = Errors(model, observed);
        var history = RevisionHistory.Of(model, observed, errors.Count == 0 ? options.RuntimeImage : null);
        var revisions = States(history, observed);
        var stable = Stable(model, history, revisions);
        var situation = new RolloutSituation
        {
            Spec = model.Spec.Rollout,
            Replicas = model.Spec.Replicas,
            Stable = stable,
            Target = history.Target?.Hash ?? model.Status?.Rollout?.Revision ?? "",
            Revisions = revisions,
            Traffic = model.Status?.Traffic ?? [],
            Status = model.Status?.Rollout,
            Rejected = model.Status?.Rejected ?? [],
            Slo = model.Spec.Slo is { Objectives.Count: > 0 } slo ? slo : null,
            Slis = slis,
            Action = RolloutAction.Parse(model.Metadata.Annotations?.TryGetValue(AnnotationNames.RolloutAction, out var action) == true ? action : null),
            Now = now,
        };
        var decision = history.Target is not null ? rollouts.Plan(situation)
            : IsJudged(situation, errors) ? rollouts.Plan(situation with { Spec = situation.Spec with { Paused = true } })
            : Frozen(model, stable, revisions);

        var status = StatusBuilder.Build(new StatusInput
        {
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
            Apply = [.. Apply(model, history, decision)],
            Delete = [.. Delete(model, observed, history, decision)],
            Status = status,
            Events = [.. decision.Events, .. StatusBuilder.Events(model.Status, status)],
            LookAgainAfter = decision.LookAgainAfter,
            Terminal = errors.Count > 0 && decision.LookAgainAfter is null ? nameof(ConditionReason.InvalidSpec) : null,
        };
    }

    private IReadOnlyList<FieldError> Errors(AttentionModel model, ModelObservation observed) =>
        observed.SpecError is { } unreadable ? [new FieldError("spec", unreadable)] : AttentionModelValidator.Validate(model, options.Validation);

    private static List<RevisionState> States(RevisionHistory history, ModelObservation observed) =>
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
                Pods = deployment?.Pods ?? 0,
                ReadyReplicas = deployment?.ReadyReplicas ?? 0,
                Failure = isShort ? PodDiagnosis.Of(observed.Pods.Where(pod => pod.Metadata.Labels?.TryGetValue(LabelNames.Revision, out var hash) == true && hash == entry.Hash)) : null,
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

    private IEnumerable<IKubernetesObject<V1ObjectMeta>> Apply(AttentionModel model, RevisionHistory history, RolloutDecision decision)
    {
        if (decision.Replicas.Count > 0)
        {
            yield return ModelChildren.ServiceAccount(model);
            if (options.NetworkPolicy is { } shield)
            {
                yield return ModelChildren.NetworkPolicy(model, shield);
            }

            yield return ModelChildren.DisruptionBudget(model, DisruptionLimit.Of(model.Spec.Replicas, replaces: false));
        }

        foreach (var entry in history.Entries.Where(entry => decision.Replicas.ContainsKey(entry.Hash) && entry.Snapshot is not null))
        {
            yield return entry.Render(model);
            foreach (var child in RevisionRenderer.Render(model, entry.Hash, entry.Snapshot!, decision.Replicas[entry.Hash]))
            {
                yield return child;
            }
        }
    }

    private static IEnumerable<ObservedChild> Delete(AttentionModel model, ModelObservation observed, RevisionHistory history, RolloutDecision decision)
    {
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
}
