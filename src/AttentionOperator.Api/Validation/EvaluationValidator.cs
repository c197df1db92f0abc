using System.Globalization;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Values;

namespace AttentionOperator.Api.Validation;

/// <summary>What the schema cannot say about <c>spec.rollout.evaluation</c>.</summary>
internal static class EvaluationValidator
{
    private const string Field = "spec.rollout.evaluation";

    public static void Check(AttentionModelSpec spec, List<FieldError> errors)
    {
        if (spec.Rollout.Evaluation is not { } evaluation)
        {
            return;
        }

        var sources = new object?[] { evaluation.Cases, evaluation.ConfigMapRef, evaluation.Uri }.Count(source => source is not null);
        if (sources != 1)
        {
            errors.Add(new FieldError(Field, $"has {sources} of cases, configMapRef and uri; exactly one must say where the cases are"));
        }

        if (evaluation.Uri is { } uri && (!ArtifactUri.TryParse(uri, out var parsed, out var error) || parsed!.Scheme != ArtifactScheme.Pvc || parsed.Path.Length == 0))
        {
            errors.Add(new FieldError(Field + ".uri", $"'{uri}' must be pvc://<claim>/<path of a file>, without the segments . and .."));
        }

        var metrics = Metrics(spec.Task);
        if (!metrics.Contains(evaluation.Metric))
        {
            errors.Add(new FieldError(Field + ".metric", metrics.Length == 0
                ? $"no metric suits the task {spec.Task}; remove evaluation"
                : $"{evaluation.Metric} does not suit the task {spec.Task}; use {string.Join(" or ", metrics)}"));
        }

        if (evaluation.Metric == EvaluationMetric.Cosine && spec.Rollout.Strategy == RolloutStrategy.Recreate)
        {
            errors.Add(new FieldError(Field + ".metric", "Cosine compares with the stable revision, which does not run beside the new one under strategy Recreate; use another strategy"));
        }

        if (decimal.TryParse(evaluation.Bound, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var bound)
            && (evaluation.Metric == EvaluationMetric.Perplexity ? bound < 1 : bound is < 0 or > 1))
        {
            errors.Add(new FieldError(Field + ".bound", $"{evaluation.Bound} is out of bounds; {(evaluation.Metric == EvaluationMetric.Perplexity ? "a perplexity is at least 1" : "a score lies between 0 and 1")}"));
        }

        foreach (var (index, found) in (evaluation.Cases ?? []).Index())
        {
            if (found.Expected is null && evaluation.Metric != EvaluationMetric.Cosine)
            {
                errors.Add(new FieldError($"{Field}.cases[{index}].expected", $"is required for {evaluation.Metric}"));
            }
        }

        if (Durations.TryParse(evaluation.Timeout, out var timeout) && (timeout < TimeSpan.FromSeconds(1) || timeout > TimeSpan.FromDays(1)))
        {
            errors.Add(new FieldError(Field + ".timeout", $"{evaluation.Timeout} is out of bounds; it must be at least 1s and at most 24h"));
        }
    }

    private static EvaluationMetric[] Metrics(ModelTask task) => task switch
    {
        ModelTask.Generate => [EvaluationMetric.ExactMatch, EvaluationMetric.F1, EvaluationMetric.RougeL, EvaluationMetric.Perplexity],
        ModelTask.Seq2Seq => [EvaluationMetric.ExactMatch, EvaluationMetric.F1, EvaluationMetric.RougeL],
        ModelTask.Classify => [EvaluationMetric.ExactMatch],
        ModelTask.Embed => [EvaluationMetric.Cosine],
        _ => [],
    };
}
