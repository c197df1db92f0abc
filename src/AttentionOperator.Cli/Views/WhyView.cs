using System.Globalization;
using AttentionOperator.Api.Rollouts;
using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Cli.Views;

/// <summary>Why a rollout is where it is: the last decision and the numbers that led to it.</summary>
internal static class WhyView
{
    public static void Write(TextWriter output, AttentionModel model)
    {
        var status = model.Status;
        if (status?.Rollout is not { } rollout)
        {
            output.WriteLine($"{Name(model)}: nothing was rolled out yet");
            return;
        }

        var steps = RolloutSteps.Of(model.Spec.Rollout, model.Spec.Replicas, status.Traffic?.Count(share => share.Weight > 0) > 1).Count;
        output.WriteLine($"{Name(model)}: {rollout.Phase} ({rollout.Reason})");
        output.WriteLine($"  revision {rollout.Revision} at {rollout.Weight ?? 0} % of traffic{(rollout.Step is { } step ? $", step {Math.Min(step + 1, steps)} of {steps}" : "")}; stable revision {status.StableRevision}");
        output.WriteLine($"  began {Time(rollout.StartedAt)}, here since {Time(rollout.StepStartedAt)}");
        if (rollout.Message is { Length: > 0 } message)
        {
            output.WriteLine($"  {message}");
        }

        if (rollout.Evaluation is { } evaluation)
        {
            output.WriteLine();
            output.WriteLine(Evaluation(model.Spec.Rollout.Evaluation, evaluation));
        }

        if (rollout.Evidence is { Objectives.Count: > 0 } evidence)
        {
            output.WriteLine();
            // Before the new revision gets traffic, the stable one is watched alone.
            var before = evidence.Revision == status.StableRevision && evidence.Revision != rollout.Revision;
            output.WriteLine($"counted since {Time(evidence.Since)}, written {Time(evidence.At)}, from {evidence.Gateways?.Count ?? 0} gateways{(before ? ", of the stable revision alone" : "")}:");
            TextTable.Write(output, ["OBJECTIVE", "TARGET", "TOLERABLE", "BAD", "REQUESTS", "SHARE", "STABLE BAD", "REQUESTS", "SHARE"], evidence.Objectives
                .Select(counts => before ? counts with { Good = 0, Bad = 0, StableGood = counts.Good, StableBad = counts.Bad } : counts)
                .Select(counts => Row(model.Spec, counts)));
        }

        foreach (var rejected in status.Rejected ?? [])
        {
            output.WriteLine();
            output.WriteLine($"rejected: {rejected.Hash} at {Time(rejected.At)}: {rejected.Reason}");
            output.WriteLine($"  {rejected.Message}");
            output.WriteLine($"  it is tried again when the spec changes, or by: kubectl attention retry {model.Metadata.Name}");
        }
    }

    private static string Evaluation(EvaluationSpec? spec, EvaluationStatus found) => found.Score is null
        ? $"evaluation: run {found.Attempt} {(found.Problem is null ? "has no result yet" : $"gave no result: {found.Problem}")}"
        : $"evaluation: {spec?.Metric.ToString() ?? "score"} {found.Score} of {found.Cases} cases{(spec is null ? "" : $" (bound {spec.Bound})")}; stable revision {found.StableScore ?? "-"}; parity {found.Parity ?? "-"}; unanswered {found.Unanswered ?? 0}; tokenizer {(found.StableTokenizer is null ? found.Tokenizer ?? "-" : found.Tokenizer == found.StableTokenizer ? "the same" : $"{found.Tokenizer ?? "unknown"}, stable {found.StableTokenizer}")}";

    private static IReadOnlyList<string> Row(AttentionModelSpec spec, ObjectiveEvidence counts)
    {
        var objective = spec.Slo?.Objectives.FirstOrDefault(found => found.Name == counts.Name);
        var tolerable = "-";
        if (objective is not null)
        {
            var budget = 1 - (double.Parse(objective.Target, CultureInfo.InvariantCulture) / 100);
            tolerable = Percent(Math.Min(double.Parse(spec.Rollout.MaxBurnRate, CultureInfo.InvariantCulture) * budget, (1 + budget) / 2));
        }

        return [counts.Name, objective is null ? "-" : $"{objective.Target}%", tolerable, .. Counts(counts.Bad, counts.Good), .. Counts(counts.StableBad, counts.StableGood)];
    }

    private static IEnumerable<string> Counts(long bad, long good) =>
    [
        bad.ToString(CultureInfo.InvariantCulture),
        (bad + good).ToString(CultureInfo.InvariantCulture),
        bad + good == 0 ? "-" : Percent((double)bad / (bad + good)),
    ];

    private static string Percent(double share) => (share * 100).ToString("0.##", CultureInfo.InvariantCulture) + "%";

    private static string Time(DateTime? time) => time?.ToString("u", CultureInfo.InvariantCulture) ?? "-";

    private static string Name(AttentionModel model) => $"{model.Metadata.NamespaceProperty}/{model.Metadata.Name}";
}
