using System.Globalization;
using AttentionOperator.Api.Rollouts;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Values;
using AttentionOperator.Evaluation;
using AttentionOperator.Reconciliation;
using AttentionOperator.Slo;

namespace AttentionOperator.Rollouts;

/// <summary>Decides whether a rollout that goes forward may take its next step, and what it waits for. It never keeps a rollback from happening: that was decided before.</summary>
internal sealed class StepGate
{
    private readonly RolloutSituation situation;
    private readonly RolloutBudget budget;
    private readonly RevisionState target;
    private readonly DateTime now;
    private readonly IReadOnlyList<RolloutStep> steps;
    private readonly CanaryJudgement? judgement;
    private readonly EvaluationGate exam;
    private readonly StableWatch watch;
    private readonly int published;
    private RolloutStatus status;
    private int index;
    private RolloutReason reason = RolloutReason.StepStarted;
    private string message = "";
    private bool waits;

    public StepGate(RolloutSituation situation, RolloutStatus status, RolloutBudget budget, RevisionState target, EvaluationGate exam, DateTime now)
    {
        this.situation = situation;
        this.status = status;
        this.budget = budget;
        this.target = target;
        this.exam = exam;
        this.now = now;
        steps = RolloutSteps.Of(situation.Spec, situation.Replicas, situation.IsSplit);
        published = situation.WeightOf(target.Hash);
        index = Math.Clamp(status.Step ?? 0, 0, steps.Count);
        if (published == 100 && index < steps.Count && steps[index].Weight < 100)
        {
            index = steps.Count; // It took over while there was room for one; that there is room for two now gives nothing back.
        }

        if (situation.Slo is { } slo && status.Evidence is { } evidence && evidence.Revision == target.Hash && evidence.Stable == situation.Stable)
        {
            Evidence = EvidenceLedger.Add(evidence, slo, situation.Slis);
            judgement = RolloutJudge.Canary(Evidence, slo, situation.Spec);
        }

        watch = StableWatch.Of(situation, status, Evidence is not null || published > 0, now);
    }

    /// <summary>Evidence until now; null before the revision got traffic.</summary>
    public RolloutEvidence? Evidence { get; private set; }

    /// <summary>The numbers that condemn the revision; null where none do.</summary>
    public string? Violation => judgement is { Verdict: CanaryVerdict.Violating } ? judgement.Explain() : null;

    /// <summary>The objectives that condemn it.</summary>
    public IReadOnlyList<string> Condemning => judgement?.Condemning ?? [];

    /// <summary>Percent of traffic to go to.</summary>
    public int Weight { get; private set; }

    /// <summary>Replicas of the revision to go to.</summary>
    public int Replicas { get; private set; }

    /// <summary>The weight may not rise: the revision did not pass its evaluation yet, or the stable one burns its budget already.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>All traffic is where it should be, on as many replicas as it needs.</summary>
    public bool Promotes { get; private set; }

    /// <summary>Replicas are missing for the current step.</summary>
    public bool IsShort => !waits && target.Replicas > 0 && target.ReadyReplicas < Replicas;

    public TimeSpan? LookAgainAfter { get; private set; }

    public PlannedEvent? Event { get; private set; }

    private bool Pauses => situation.Spec.Paused || status.Paused == true;

    public void Decide()
    {
        Aim();
        var steady = published == Weight && target.Replicas > 0 && target.ReadyReplicas >= Replicas;
        status = status with { Step = index, SteadyAt = steady ? status.SteadyAt ?? now : null };
        if (situation.Replicas == 0)
        {
            Wait(RolloutReason.NoReplicas, "no replica is asked for, so nothing can be judged");
        }
        else if (Pauses)
        {
            Wait(RolloutReason.Paused, situation.Spec.Paused ? "spec.rollout.paused is set" : "paused by an action; resume goes on");
        }
        else if (judgement is { Verdict: CanaryVerdict.Ambient } ambient)
        {
            Wait(RolloutReason.AmbientBurn, $"the stable revision violates too, so the new one is not the cause: {ambient.Explain()}");
        }
        else if (watch.Burns is { } burns && !(status.Approved >= index))
        {
            Wait(RolloutReason.AmbientBurn, $"the stable revision burns its budget, so the new one gets no traffic yet (promote starts it all the same): {burns}");
        }
        else if (!exam.IsOpen && Weight > published)
        {
            waits = exam.Reason == RolloutReason.EvaluationUnavailable;
            Hold(exam.Reason, exam.Message);
        }
        else if (steady && index == steps.Count)
        {
            Promotes = true;
        }
        else if (steady && Open(steps[index]))
        {
            index++;
            status = status with { Step = index, StepStartedAt = now, SteadyAt = null };
            Evidence = Evidence is null ? null : Evidence with { StepRequests = EvidenceLedger.Requests(Evidence) };
            Aim();
            Moving();
            if (!exam.IsOpen && Weight > published)
            {
                Hold(exam.Reason, exam.Message);
            }
        }
        else if (!steady)
        {
            Moving();
        }

        if (waits && (Pauses || reason is RolloutReason.AmbientBurn or RolloutReason.NoReplicas))
        {
            Weight = Math.Min(Weight, published);
            Replicas = Math.Min(Replicas, Math.Max(target.Replicas ?? 0, budget.Need(published)));
        }

        IsClosed = !exam.IsOpen;
    }

    /// <summary>The status after a pass that publishes a weight.</summary>
    public RolloutStatus Status(int weight, bool moved)
    {
        if (published > 0 && weight == 0 && Weight > 0 && situation.Replicas > 0)
        {
            reason = RolloutReason.CanaryLost;
            message = $"none of the replicas of revision {target.Hash} is ready; its traffic goes to the stable revision until one is";
            status = status with { StepStartedAt = now, SteadyAt = null };
        }

        if (Evidence is null && weight > 0 && situation.Slo is { } slo)
        {
            Evidence = EvidenceLedger.Begin(now, target.Hash, situation.Stable, slo, situation.Slis);
        }

        var next = status with
        {
            Phase = waits ? RolloutPhase.Paused : RolloutPhase.Progressing,
            SteadyAt = moved ? null : status.SteadyAt,
            Reason = reason.ToString(),
            Message = message,
            Evidence = Evidence ?? watch.Evidence,
        };
        if (reason != RolloutReason.Holding && (situation.Status?.Reason != next.Reason || situation.Status.Step != next.Step || situation.Status.Revision != next.Revision))
        {
            var warns = reason is RolloutReason.AmbientBurn or RolloutReason.EvaluationUnavailable or RolloutReason.CanaryLost or RolloutReason.NoTraffic or RolloutReason.CountersUnavailable;
            Event = new PlannedEvent(warns ? EventType.Warning : EventType.Normal, next.Reason, $"Revision {target.Hash} at {weight} %: {message}");
        }

        return next;
    }

    private void Aim()
    {
        Weight = index < steps.Count ? steps[index].Weight : 100;
        Replicas = budget.Wanted(Weight, situation.Spec.Strategy == RolloutStrategy.BlueGreen);
    }

    private void Moving()
    {
        reason = RolloutReason.StepStarted;
        message = $"{Position()}: {target.ReadyReplicas} of {Replicas} replicas are ready, traffic is at {published} of {Weight} %";
    }

    /// <summary>True when the step's hold time, evidence and approval are there.</summary>
    private bool Open(RolloutStep step)
    {
        if (status.Approved >= index)
        {
            return true;
        }

        var hold = Durations.TryParse(step.Hold, out var asked) ? asked : TimeSpan.Zero;
        var least = step.Weight > 0 && hold < StrategyRollouts.LeastHold ? StrategyRollouts.LeastHold : hold;
        var until = status.SteadyAt!.Value + least;
        if (now < until)
        {
            LookAgainAfter = until - now;
            return Hold(RolloutReason.Holding, $"{Position()}: held until {until.ToString("u", CultureInfo.InvariantCulture)}");
        }

        if (step.Weight > 0 && situation.Slo is not null && !EvidenceAllows())
        {
            return false;
        }

        return !step.Approval || Wait(RolloutReason.AwaitingApproval, $"{Position()}: promote approves the next step");
    }

    private bool EvidenceAllows()
    {
        if (situation.Slis is not { IsFresh: true })
        {
            return Wait(RolloutReason.CountersUnavailable, $"{Position()}: no gateway's counters can be read");
        }

        var seen = EvidenceLedger.Requests(Evidence) - (Evidence?.StepRequests ?? 0);
        if (seen == 0 && situation.Spec.MinRequests > 0)
        {
            return situation.Spec.OnNoTraffic == NoTrafficPolicy.Promote
                || Wait(RolloutReason.NoTraffic, $"{Position()}: the revision saw no judged request in this step; rollout.onNoTraffic is Hold");
        }

        if (judgement is not { Verdict: CanaryVerdict.Healthy })
        {
            return Wait(RolloutReason.Inconclusive, $"{Position()}: {judgement?.Explain() ?? "nothing was counted yet"}");
        }

        return seen >= situation.Spec.MinRequests
            || Wait(RolloutReason.Inconclusive, $"{Position()}: {seen} of {situation.Spec.MinRequests} requests (rollout.minRequests) were judged in this step");
    }

    private bool Hold(RolloutReason why, string text)
    {
        reason = why;
        message = text;
        return false;
    }

    private bool Wait(RolloutReason why, string text)
    {
        waits = true;
        return Hold(why, text);
    }

    private string Position() => index < steps.Count ? $"step {index + 1} of {steps.Count} ({steps[index].Weight} %)" : "promotion (100 %)";
}
