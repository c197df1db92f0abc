using AttentionOperator.Api.Policies;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Diagnosis;
using AttentionOperator.Fleet;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Events;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Nodes;
using AttentionOperator.Notifications;
using AttentionOperator.Observation;
using AttentionOperator.Rollouts;
using AttentionOperator.Scaling;
using AttentionOperator.Secrets;
using AttentionOperator.Slo;
using AttentionOperator.Status;

namespace AttentionOperator.Reconciliation;

/// <summary>One pass over one AttentionModel: gather from the caches, plan, carry out, publish.</summary>
internal sealed class ModelReconciler(
    ModelCaches caches, FleetView fleet, NodeWatch nodes, ModelPlanner planner, PlanExecutor executor, ISliSource slis, FetchProgressReader fetches, InternalTokenKeeper tokens, EventRecorder events, RolloutMetrics metrics, RolloutNotifier notifier,
    IQueuePressureSource pressure, ScaleDownPreparation scaleDown, TimeProvider time) : IReconciler<ObjectKey>
{
    private static readonly TimeSpan NameTakenDelay = TimeSpan.FromMinutes(1);
    private readonly SettledPasses settled = new();

    public ValueTask<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (caches.Models.Get(key) is not { IsDeleting: false } cached)
        {
            executor.Forget(key);
            slis.Forget(key);
            fetches.Observe(key, []);
            settled.Forget(key);
            return new(ReconcileResult.Done);
        }

        var inputs = caches.Gather(cached) with { Policy = fleet.Observe(cached), Departures = nodes.Departures };
        var now = time.GetUtcNow();
        // A queue that asks for replicas is an input too, and in no cache.
        return pressure.PressureOf(key).Count == 0 && settled.Repeat(key, inputs, now) is { } same ? new(same) : PassAsync(inputs, now, cancellation);
    }

    private async ValueTask<ReconcileResult> PassAsync(PassInputs inputs, DateTimeOffset now, CancellationToken cancellation)
    {
        var cached = inputs.Model;
        settled.Forget(cached.Key);
        var (model, specError) = ModelReader.Read(cached);
        var observed = inputs.Observe(addresses: model.Spec?.Rollout?.Evaluation is not null && model.Status?.Rollout?.Phase is not RolloutPhase.Completed) with { SpecError = specError, Unserved = caches.Unserved };
        var fetching = observed.Pods.Where(FetchDiagnosis.IsFetching).ToList();
        observed = observed with { Fetches = fetches.Observe(cached.Key, fetching) };
        var plan = planner.Plan(model, observed, slis.Observe(Judged(model, observed)), now, pressure.PressureOf(cached.Key));
        if (plan.Apply.Count > 0)
        {
            await tokens.EnsureAsync(cached.Key.Namespace, cancellation);
        }

        bool sent;
        try
        {
            await scaleDown.PrepareAsync(cached.Key, observed, plan, cancellation);
            sent = await executor.ExecuteAsync(cached, plan, cancellation);
        }
        catch (NameTakenException e)
        {
            await ReportAsync(cached, model, plan, nameof(ConditionReason.NameTaken), e.Message, cancellation);
            return ReconcileResult.Waiting(NameTakenDelay, nameof(ConditionReason.NameTaken));
        }
        catch (KubeApiException e) when (e is { IsConflict: false, IsNotFound: false } && (int)e.Status is >= 400 and < 500)
        {
            // The server said no, for a reason that its message holds: a quota, a policy, a missing permission. People must see it; back-off tries again.
            await ReportAsync(cached, model, plan, nameof(ConditionReason.ApplyFailed), e.Message, cancellation);
            throw;
        }

        if (plan.Status is { } status)
        {
            sent |= await executor.PublishAsync(cached, status, cancellation);
        }

        Record(cached, model, plan.Status, plan.Events);
        var result = plan switch
        {
            { Terminal: { } reason } => ReconcileResult.Terminal(reason),
            { LookAgainAfter: { } delay } when delay > TimeSpan.Zero => ReconcileResult.Waiting(delay, plan.Status?.Rollout?.Phase?.ToString() ?? "Waiting"),
            _ => ReconcileResult.Done,
        };
        // What fetching pods say is an input too, and in no cache.
        if (!sent && plan.Events.Count == 0 && fetching.Count == 0 && !slis.IsWatching(cached.Key) && pressure.PressureOf(cached.Key).Count == 0)
        {
            var podsMatter = observed.IsShort || inputs.PodsTell || observed.Leaving.Count > 0 || plan.Status?.Rollout?.Phase is not RolloutPhase.Completed;
            settled.Remember(cached.Key, inputs, podsMatter, result, now);
        }

        return result;
    }

    /// <summary>The model with the objectives that it is judged by, a policy's where it has none of its own.</summary>
    private static AttentionModel Judged(AttentionModel model, ModelObservation observed) =>
        model.Spec is { Slo: null } spec && PolicyDefaulting.Slo(spec, observed.Policy.Policies) is { } slo
            ? new AttentionModel { Metadata = model.Metadata, Spec = spec with { Slo = slo }, Status = model.Status }
            : model;

    private async Task ReportAsync(
        KubeObject cached, AttentionModel model, ReconcilePlan plan, string reason, string message, CancellationToken cancellation)
    {
        // What was planned did not come about, so neither does the plan's split of traffic.
        var status = StatusBuilder.WithStall(model, plan.Status!, reason, message, time.GetUtcNow());
        await executor.PublishAsync(cached, status, cancellation);
        Record(cached, model, status, StatusBuilder.Events(model.Status, status));
    }

    private void Record(KubeObject cached, AttentionModel model, AttentionModelStatus? status, IEnumerable<PlannedEvent> planned)
    {
        foreach (var note in planned)
        {
            metrics.Count(note);
            notifier.Notify(cached, model, status, note);
            var kind = note.Type == EventType.Normal ? EventKind.Normal : EventKind.Warning;
            events.Record(new EventNote(ResourceKinds.Model, cached.Identity, kind, note.Reason, "Reconcile", note.Message));
        }
    }
}
