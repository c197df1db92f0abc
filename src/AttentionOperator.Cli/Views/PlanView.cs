using System.Globalization;
using AttentionOperator.Api.Rollouts;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Values;

namespace AttentionOperator.Cli.Views;

/// <summary>What a rollout will do and cost, before it starts.</summary>
internal static class PlanView
{
    /// <summary>The operator's least time at a weight.</summary>
    private static readonly TimeSpan LeastHold = TimeSpan.FromSeconds(5);

    /// <param name="output">Where to write.</param>
    /// <param name="model">The model of the file.</param>
    /// <param name="requestsPerSecond">Expected traffic; null where it is unknown.</param>
    public static void Write(TextWriter output, AttentionModel model, double? requestsPerSecond)
    {
        var forecast = RolloutForecast.Of(model.Spec, LeastHold);
        output.WriteLine($"{model.Metadata.Name}: {model.Spec.Rollout.Strategy}, {model.Spec.Replicas} replicas, maxSurge {model.Spec.Rollout.MaxSurge}");
        TextTable.Write(output, ["STEP", "WEIGHT", "NEW REPLICAS", "OLD REPLICAS", "HOLD", "GATE"], forecast.Steps.Select((step, index) => (IReadOnlyList<string>)
        [
            index == forecast.Steps.Count - 1 ? "promotion" : (index + 1).ToString(CultureInfo.InvariantCulture),
            $"{step.Weight}%",
            step.NewReplicas.ToString(CultureInfo.InvariantCulture),
            step.OldReplicas.ToString(CultureInfo.InvariantCulture),
            Durations.Format(step.Hold),
            string.Join(" and ", Gates(model.Spec, step)),
        ]));
        output.WriteLine();
        output.WriteLine($"peak: {forecast.PeakReplicas} replicas{(forecast.PeakAccelerators > 0 ? $", {forecast.PeakAccelerators} {model.Spec.Resources.Accelerator!.ResourceName}" : "")}");
        output.WriteLine($"holds: {Durations.Format(forecast.Holds)}, then {Durations.Format(forecast.Bake)} of watching; loading the model comes on top");
        if (forecast.RequestsToJudge > 0)
        {
            var first = forecast.Steps.FirstOrDefault(step => step.Weight > 0)?.Weight ?? 100;
            output.WriteLine($"evidence: about {forecast.RequestsToJudge} good requests to the new revision call it healthy"
                + (requestsPerSecond is > 0 and { } rate ? $", {Durations.Format(TimeSpan.FromSeconds(Math.Ceiling(forecast.RequestsToJudge * 100.0 / first / rate)))} at {rate.ToString(CultureInfo.InvariantCulture)} requests/s and {first} %" : ""));
        }

        if (forecast.Interrupts)
        {
            output.WriteLine("warning: the old revision goes before the new one loads; requests wait at the gateway meanwhile");
        }
    }

    private static IEnumerable<string> Gates(AttentionModelSpec spec, ForecastStep step)
    {
        if (spec.Slo is not null && step.Weight is > 0 and < 100)
        {
            yield return "objectives";
        }

        yield return step.Approval ? "approval" : "ready replicas";
    }
}
