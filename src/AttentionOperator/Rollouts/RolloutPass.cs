using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Rollouts;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Values;
using AttentionOperator.Evaluation;
using AttentionOperator.Reconciliation;

namespace AttentionOperator.Rollouts;

/// <summary>One decision in the making: which mode the rollout is in, and what follows. The steps of a rollout that goes forward are in <see cref="StepGate"/>.</summary>
internal sealed class RolloutPass
{
    // Stands for the revision in rollout where none is.
    private static readonly RevisionState None = new() { Hash = "", Number = 0 };

    private readonly RolloutSituation situation;
    private readonly DateTime now;
    private readonly RolloutBudget budget;
    private readonly RevisionState target;
    private readonly List<PlannedEvent> events = [];
    private readonly bool drains;
    private string? stable;
    private RolloutStatus status;
    private IReadOnlyList<RejectedRevision> rejected;
    private RolloutStall? stall;
    private EvaluationRun? evaluation;
    private TimeSpan? lookAgain;

    public RolloutPass(RolloutSituation situation)
    {
        this.situation = situation;
        now = situation.Now.UtcDateTime;
        budget = RolloutBudget.Of(situation.Spec, situation.Replicas);
        target = situation.Find(situation.Target)
            ?? throw new ArgumentException($"revision {situation.Target} is not among the revisions", nameof(situation));
        stable = situation.Stable;
        // What was rejected stays so until the spec says something else.
        rejected = [.. situation.Rejected.Where(revision => revision.Hash == target.Hash)];
        status = situation.Status?.Revision == target.Hash ? RolloutBeginning.Tolerate(situation.Status, now) : RolloutBeginning.Begin(situation, stable, situation.Status?.Action);
        drains = status.TrafficChangedAt is { } changed && now - changed < StrategyRollouts.DrainDelay;
    }

    private RejectedRevision? Rejection => rejected.Count > 0 ? rejected[0] : null;

    private bool Swaps => situation.Spec.Strategy == RolloutStrategy.Recreate || !(budget.HoldsTwo || situation.IsSplit);

    public RolloutDecision Plan()
    {
        if (situation.Status?.Revision != target.Hash && RolloutBeginning.Announce(situation, stable, budget) is { } said)
        {
            events.Add(said);
        }

        Act();
        if (stable is null)
        {
            return First();
        }

        if (Rejection is not null && stable == target.Hash)
        {
            stable = Fallback() ?? target.Hash;
        }

        return stable == target.Hash ? Settle() : Rejection is not null ? Retreat() : Advance();
    }

    /// <summary>Nothing has served yet: one ready replica is better than none.</summary>
    private RolloutDecision First()
    {
        rejected = [];
        if (target.ReadyReplicas > 0 || situation.Replicas == 0)
        {
            stable = target.Hash;
            status = status with { Phase = RolloutPhase.Completed, StepStartedAt = now };
            events.Add(new PlannedEvent(EventType.Normal, nameof(RolloutReason.TrafficSwitched), $"Traffic goes to revision {target.Hash}: {target.ReadyReplicas} of {situation.Replicas} replicas are ready"));
            return Settle();
        }

        status = status with
        {
            Phase = RolloutPhase.Progressing,
            Weight = 0,
            Reason = nameof(RolloutReason.StepStarted),
            Message = $"{target.ReadyReplicas} of {situation.Replicas} replicas of revision {target.Hash} are ready",
        };
        if (IsLate($"{target.ReadyReplicas} of {situation.Replicas} replicas are", out var late))
        {
            stall = late;
        }

        return Decide(null, new Dictionary<string, int>(StringComparer.Ordinal) { [target.Hash] = situation.Replicas }, situation.Traffic, 0);
    }

    /// <summary>The spec's revision is the stable one; what is left of others gives its traffic back and goes.</summary>
    private RolloutDecision Settle()
    {
        if (status.Phase == RolloutPhase.Baking && Bake() is { } back)
        {
            return back;
        }

        if (status.Phase != RolloutPhase.Baking)
        {
            status = status with { Phase = RolloutPhase.Completed, CarriedAt = null, Step = null, Approved = null, Paused = null, SteadyAt = null, Evidence = null, Reason = nameof(RolloutReason.Completed), Message = null };
        }

        var plan = CapacityPlan.Of(budget, default, target, None, Others(), situation.Traffic, drains, status.Phase == RolloutPhase.Baking ? status.Previous : null);
        plan.Replicas.Remove(None.Hash);
        var share = plan.Traffic.FirstOrDefault(found => found.Revision == target.Hash)?.Weight ?? 0;
        return Decide(target.Hash, plan.Replicas, plan.Traffic, share);
    }

    /// <summary>Watches a promoted revision; not null where it must go back.</summary>
    private RolloutDecision? Bake()
    {
        if (situation.Slo is { } slo && status.Evidence is { } evidence)
        {
            evidence = RolloutJudge.Sample(EvidenceLedger.Add(evidence, slo, situation.Slis), now);
            status = status with { Evidence = evidence };
            if (Fallback() is { } previous && RolloutJudge.Bake(evidence, slo, situation.Spec, now) is { } condemned)
            {
                Reject(condemned.Reason, condemned.Message, condemned.Objectives);
                stable = previous;
                return Retreat();
            }
        }

        var left = status.StepStartedAt!.Value + Durations.Parse(situation.Spec.Bake) - now;
        if (left <= TimeSpan.Zero)
        {
            status = status with { Phase = RolloutPhase.Completed };
            events.Add(new PlannedEvent(EventType.Normal, nameof(RolloutReason.Completed), $"Revision {target.Hash} stays: it was watched for {situation.Spec.Bake}"));
        }

        lookAgain = left;
        return null;
    }

    /// <summary>The spec's revision is rejected: traffic and replicas go to the stable one.</summary>
    private RolloutDecision Retreat()
    {
        var atOnce = Rejection!.Reason is nameof(RolloutReason.SloViolated) or nameof(RolloutReason.BurnRateExceeded) or nameof(RolloutReason.EvaluationFailed);
        var plan = CapacityPlan.Of(budget, new CapacityGoal(0, 0, atOnce, Swaps), Stable(), target, Others(), situation.Traffic, drains);
        status = status with { Phase = RolloutPhase.RolledBack, CarriedAt = null, Reason = Rejection.Reason, Message = Rejection.Message };
        if (Rejection.Reason == nameof(RolloutReason.EvaluationFailed) && status is { Evaluation: { } found, StartedAt: { } began })
        {
            // Its log says which cases failed.
            evaluation = new EvaluationRun(ChildNames.Evaluation(situation.Model, target.Hash, began, found.Attempt), target.Hash, null, Starts: false);
        }

        stall = new RolloutStall(Rejection.Reason, $"revision {target.Hash} is rejected, and revision {stable} serves: {Rejection.Message}");
        return Decide(stable, plan.Replicas, plan.Traffic, plan.Weight);
    }

    private RolloutDecision Advance()
    {
        if (situation.Replicas == 0 && situation is { Slo: null, Spec.Evaluation: null })
        {
            return Promote(); // Nothing serves and nothing is judged, so nothing can be lost.
        }

        var exam = Examine();
        if (exam.Violation is { } failed)
        {
            Reject(RolloutReason.EvaluationFailed, failed);
            return Retreat();
        }

        var gate = new StepGate(situation, status, budget, target, exam, now);
        if (gate.Violation is { } violation)
        {
            status = status with { Evidence = gate.Evidence };
            Reject(RolloutReason.SloViolated, violation, gate.Condemning);
            return Retreat();
        }

        if (target is { ReadyReplicas: 0, Replicas: > 0 } && situation.Replicas > 0 && IsLate("none of its replicas is", out var late))
        {
            Reject(RolloutReason.ProgressDeadlineExceeded, late!.Message);
            return Retreat();
        }

        gate.Decide();
        if (gate.Promotes)
        {
            return Promote();
        }

        // A canary with a queue of its own gets the replicas that the stable revision's share and the surge leave, before the average over both would show it.
        var replicas = situation.WeightOf(target.Hash) > 0 ? Math.Max(gate.Replicas, situation.Pressure.GetValueOrDefault(target.Hash)) : gate.Replicas;
        var plan = CapacityPlan.Of(budget, new CapacityGoal(gate.Weight, replicas, Swap: Swaps, Closed: gate.IsClosed, CarriedAt: status.CarriedAt), Stable(), target, Others(), situation.Traffic, drains);
        status = gate.Status(plan.Weight, !SameSplit(plan.Traffic)) with { CarriedAt = plan.CarriedAt };
        stall = gate.IsShort && IsLate($"{target.ReadyReplicas} of {gate.Replicas} replicas are", out var tooFew) ? tooFew : null;
        lookAgain = Earliest(Earliest(lookAgain, gate.LookAgainAfter), exam.LookAgainAfter);
        if (gate.Event is { } note)
        {
            events.Add(note);
        }

        return Decide(stable, plan.Replicas, plan.Traffic, plan.Weight);
    }

    /// <summary>Reads what the evaluation found, and says once that it was passed.</summary>
    private EvaluationGate Examine()
    {
        var exam = EvaluationGate.Of(situation, status, target, now);
        if (exam is { IsOpen: true, Status.Score: not null } && status.Evaluation?.Score is null)
        {
            events.Add(new PlannedEvent(EventType.Normal, nameof(RolloutReason.EvaluationPassed), $"Revision {target.Hash} may get traffic: {exam.Message}"));
        }

        status = status with { Evaluation = exam.Status };
        evaluation = exam.Run;
        return exam;
    }

    private RolloutDecision Promote()
    {
        var previous = stable;
        var bakes = Durations.Parse(situation.Spec.Bake) > TimeSpan.Zero && situation.Replicas > 0;
        stable = target.Hash;
        evaluation = null;
        status = status with
        {
            Phase = bakes ? RolloutPhase.Baking : RolloutPhase.Completed,
            Previous = previous,
            CarriedAt = null,
            Step = null,
            Approved = null,
            Paused = null,
            SteadyAt = null,
            StepStartedAt = now,
            Evidence = bakes && situation.Slo is { } slo ? EvidenceLedger.Begin(now, target.Hash, null, slo, situation.Slis) : null,
            Reason = nameof(RolloutReason.Promoted),
            Message = $"revision {target.Hash} has all traffic and is watched for {situation.Spec.Bake}; revision {previous} is where it would go back to",
        };
        events.Add(new PlannedEvent(EventType.Normal, nameof(RolloutReason.Promoted), $"Traffic goes to revision {target.Hash} from {previous}: {target.ReadyReplicas} of {situation.Replicas} replicas are ready"));
        return Settle();
    }

    private void Act()
    {
        if (situation.Action is not { } action || status.Action == action.Text)
        {
            return;
        }

        status = status with { Action = action.Text };
        var invalid = RolloutActions.Apply(action, this);
        if (invalid is not null)
        {
            events.Add(new PlannedEvent(EventType.Warning, nameof(RolloutReason.InvalidAction), $"{action.Text}: {invalid}"));
        }
    }

    /// <summary>What <see cref="RolloutActions"/> may ask and do.</summary>
    internal bool InRollout => stable is not null && stable != target.Hash && Rejection is null;

    internal bool IsBaking => stable == target.Hash && status.Phase == RolloutPhase.Baking;

    internal bool IsRejected => Rejection is not null;

    internal void Approve(bool all) => status = status with { Approved = all ? int.MaxValue : status.Step ?? 0, Paused = null };

    internal void EndBake() => status = status with { StepStartedAt = DateTime.UnixEpoch };

    internal void Pause(bool paused) => status = status with { Paused = paused ? true : null, StepStartedAt = paused ? status.StepStartedAt : now };

    internal void Retry()
    {
        rejected = [];
        status = RolloutBeginning.Begin(situation, stable, status.Action) with { TrafficChangedAt = status.TrafficChangedAt };
        events.Add(new PlannedEvent(EventType.Normal, nameof(RolloutReason.Retried), $"Revision {target.Hash} is tried again"));
    }

    internal void Abort() => Reject(RolloutReason.Aborted, $"the rollout was aborted at {situation.WeightOf(target.Hash)} % of traffic");

    /// <summary>Back to an earlier revision; null where it can be done.</summary>
    internal string? Undo(string? revision)
    {
        if (stable is null)
        {
            return "nothing serves yet";
        }

        if (stable != target.Hash)
        {
            Reject(RolloutReason.Undone, "the rollout was undone");
            return null;
        }

        var (to, problem) = WayBack.Asked(situation, revision, status.Previous);
        if (problem is not null)
        {
            return problem;
        }

        Reject(RolloutReason.Undone, $"it was undone in favour of revision {to}");
        status = status with { Previous = to };
        return null;
    }

    private void Reject(RolloutReason reason, string message, IReadOnlyList<string>? objectives = null)
    {
        rejected = [new RejectedRevision { Hash = target.Hash, At = now, Reason = reason.ToString(), Message = message, Objectives = objectives }];
        status = status with { Phase = RolloutPhase.RolledBack, StepStartedAt = now, SteadyAt = null, Paused = null, Approved = null };
    }

    private string? Fallback() => WayBack.Of(situation, status.Previous);

    private RevisionState Stable() => situation.Find(stable) ?? throw new InvalidOperationException($"revision {stable} is not among the revisions");

    private List<RevisionState> Others() =>
        [.. situation.Revisions.Where(revision => revision is not { Replicas: null, Pods: 0 } && revision.Hash != target.Hash && revision.Hash != stable)];

    private bool IsLate(string progress, out RolloutStall? late)
    {
        var deadline = ProgressDeadline.Of(situation.Spec, status.StepStartedAt!.Value, target, progress, now);
        lookAgain = Earliest(lookAgain, deadline.Left);
        late = deadline.Stall;
        return late is not null;
    }

    private bool SameSplit(IReadOnlyList<TrafficTarget> traffic) => traffic.SequenceEqual(situation.Traffic);

    private RolloutDecision Decide(string? serving, Dictionary<string, int> replicas, IReadOnlyList<TrafficTarget> traffic, int weight)
    {
        var moved = !SameSplit(traffic) && situation.Traffic.Count > 0;
        if (moved)
        {
            status = status with { TrafficChangedAt = now };
        }

        var leaving = situation.Revisions.Any(revision => revision.Replicas > 0 && revision.Hash != serving && situation.WeightOf(revision.Hash) == 0);
        if (moved || (drains && leaving))
        {
            lookAgain = Earliest(lookAgain, status.TrafficChangedAt!.Value + StrategyRollouts.DrainDelay - now);
        }

        return new RolloutDecision
        {
            Stable = serving,
            Replicas = replicas,
            Traffic = traffic,
            Status = EvidenceThrottle.Apply(situation.Status, status with { Weight = weight }, now, ref lookAgain),
            Evaluation = evaluation,
            Rejected = rejected,
            Stall = stall,
            Events = events,
            LookAgainAfter = lookAgain > TimeSpan.Zero ? lookAgain : null,
        };
    }

    private static TimeSpan? Earliest(TimeSpan? left, TimeSpan? right) =>
        left is not { } l || l <= TimeSpan.Zero ? right : right is not { } r || r <= TimeSpan.Zero || l < r ? left : right;
}
