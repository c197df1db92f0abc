using System.Globalization;
using System.Security.Cryptography;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Rollouts;

namespace AttentionOperator.Evaluation;

/// <summary>
/// Whether a revision may get traffic by its evaluation. Pure: which run is next follows from the status, and what a run found from its Job. A run that gave
/// no result proves nothing: it is repeated, and the rollout waits.
/// </summary>
internal sealed class EvaluationGate
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private EvaluationGate()
    {
    }

    /// <summary>Nothing keeps the revision from traffic.</summary>
    public bool IsOpen { get; private init; }

    /// <summary>The numbers that condemn the revision; null where none do.</summary>
    public string? Violation { get; private init; }

    /// <summary>What it waits for, where it is not open.</summary>
    public RolloutReason Reason { get; private init; } = RolloutReason.Evaluating;

    public string Message { get; private init; } = "";

    public EvaluationStatus? Status { get; private init; }

    /// <summary>The run that should be there; null for none.</summary>
    public EvaluationRun? Run { get; private init; }

    public TimeSpan? LookAgainAfter { get; private init; }

    /// <param name="situation">What the rollout is decided from.</param>
    /// <param name="rollout">The rollout's status in this pass.</param>
    /// <param name="target">Revision in rollout.</param>
    /// <param name="now">Time.</param>
    public static EvaluationGate Of(RolloutSituation situation, RolloutStatus rollout, RevisionState target, DateTime now)
    {
        if (situation.Spec.Evaluation is not { } spec)
        {
            return new EvaluationGate { IsOpen = true };
        }

        var definition = Definition(spec);
        var known = rollout.Evaluation is { } old && old.Definition == definition ? old
            : new EvaluationStatus { Definition = definition, Attempt = (rollout.Evaluation?.Attempt ?? 0) + 1 };
        var job = ChildNames.Evaluation(situation.Model, target.Hash, rollout.StartedAt ?? now, known.Attempt);
        var seen = situation.Evaluations.FirstOrDefault(found => found.Job == job);
        if (known.Score is null && seen?.Report is { } report)
        {
            known = Result(known, report);
        }

        var stable = situation.Find(situation.Stable) is { ReadyReplicas: > 0 } serving ? serving.Hash : null;
        var run = new EvaluationRun(job, target.Hash, stable, Starts: false);
        if (known.Score is { } score)
        {
            return Judged(spec, known, score, run);
        }

        if (known.FailedAt is { } failed)
        {
            var due = failed + Pause(known.Attempt);
            if (now < due && failed <= now)
            {
                return Unavailable(known, run, due - now);
            }

            known = known with { Attempt = known.Attempt + 1, FailedAt = null };
            run = run with { Job = ChildNames.Evaluation(situation.Model, target.Hash, rollout.StartedAt ?? now, known.Attempt) };
            seen = situation.Evaluations.FirstOrDefault(found => found.Job == run.Job);
        }

        if (seen?.Problem is { } problem)
        {
            known = known with { FailedAt = now, Problem = problem };
            return Unavailable(known, run, Pause(known.Attempt));
        }

        return new EvaluationGate
        {
            Message = target.ReadyReplicas > 0 ? $"the golden set is run against revision {target.Hash} before it gets traffic (Job {run.Job})" : $"the golden set is run as soon as a replica of revision {target.Hash} is ready",
            Status = known,
            Run = seen is not null || target.ReadyReplicas > 0 ? run with { Starts = target.ReadyReplicas > 0 } : null,
        };
    }

    /// <summary>Names what a result counts for: cases and scoring, not the bound, which can be judged again without a run.</summary>
    internal static string Definition(EvaluationSpec spec) =>
        Convert.ToHexStringLower(SHA256.HashData(KubeJson.Serialize(spec with { Bound = "", Timeout = "" })))[..12];

    private static EvaluationGate Judged(EvaluationSpec spec, EvaluationStatus status, string score, EvaluationRun run)
    {
        var lower = spec.Metric == EvaluationMetric.Perplexity;
        var (value, bound) = (double.Parse(score, CultureInfo.InvariantCulture), double.Parse(spec.Bound, CultureInfo.InvariantCulture));
        var text = $"{spec.Metric} {score} of {status.Cases} cases, {(lower ? "at most" : "at least")} {spec.Bound} was asked for"
            + (status.StableScore is { } stable ? $"; the stable revision has {stable}" : "")
            + (status.Parity is { } parity ? $"; parity of the answers {parity}" : "")
            + (status.Unanswered > 0 ? $"; {status.Unanswered} cases were not answered" : "")
            + (status.StableTokenizer is null ? "" : status.Tokenizer == status.StableTokenizer ? "; same tokenizer" : $"; the tokenizer changed from {status.StableTokenizer} to {status.Tokenizer ?? "an unknown one"}");
        var passed = lower ? value <= bound : value >= bound;
        return new EvaluationGate { IsOpen = passed, Violation = passed ? null : text, Message = text, Status = status, Run = run };
    }

    private static EvaluationGate Unavailable(EvaluationStatus status, EvaluationRun run, TimeSpan wait) => new()
    {
        Reason = RolloutReason.EvaluationUnavailable,
        Message = $"run {status.Attempt} of the golden set gave no result, and proves nothing: {status.Problem}; it is run again (Job {run.Job})",
        Status = status,
        Run = run,
        LookAgainAfter = wait,
    };

    private static EvaluationStatus Result(EvaluationStatus status, EvaluationReport report) => status with
    {
        FailedAt = null,
        Problem = null,
        Score = Text(report.Score),
        StableScore = report.StableScore is { } score ? Text(score) : null,
        Parity = report.Parity is { } parity ? Text(parity) : null,
        Cases = report.Cases,
        Unanswered = report.Unanswered,
        Tokenizer = report.Tokenizer,
        StableTokenizer = report.StableTokenizer,
    };

    private static string Text(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    private static TimeSpan Pause(int attempt)
    {
        var pause = FirstPause * Math.Pow(2, Math.Min(attempt - 1, 10));
        return pause < LongestPause ? pause : LongestPause;
    }
}
