using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Policies;
using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Cli.Fleet;

/// <summary>Puts together what the fleet does. Pure.</summary>
internal static class FleetReport
{
    private const string QueueDepth = "attention_gateway_queue_depth";
    private const string Tokens = "attention_gateway_tokens_total";

    /// <param name="models">The models.</param>
    /// <param name="policiesOf">The policies that hold for a namespace.</param>
    /// <param name="before">The gateways' counters; null where none was asked.</param>
    /// <param name="after">The same, later.</param>
    public static IReadOnlyList<FleetRow> Of(IEnumerable<AttentionModel> models, Func<string, IReadOnlyList<NamedPolicy>> policiesOf, FleetSample? before, FleetSample? after) =>
    [
        .. models
            .OrderBy(model => model.Metadata.NamespaceProperty, StringComparer.Ordinal)
            .ThenBy(model => model.Metadata.Name, StringComparer.Ordinal)
            .Select(model =>
            {
                var demand = ModelDemand.Of(model, policiesOf(model.Metadata.NamespaceProperty));
                var cost = demand.CostPerReplicaHour * demand.Held;
                return new FleetRow
                {
                    Model = model,
                    Held = demand.Held,
                    Accelerators = demand.Held * demand.AcceleratorsPerReplica,
                    Queue = after is null ? null : (int)Of(after, model, QueueDepth).Sum(sample => sample.Value),
                    Burn = after is null ? null : Burn(model, before, after),
                    CostPerHour = cost,
                    CostPerMillionTokens = cost is { } perHour && before is not null && after is not null ? PerMillion(perHour, model, before, after) : null,
                };
            }),
    ];

    private static decimal? PerMillion(decimal perHour, AttentionModel model, FleetSample before, FleetSample after)
    {
        var hours = (after.At - before.At).TotalHours;
        var tokens = Of(after, model, Tokens).Sum(sample => sample.Value) - Of(before, model, Tokens).Sum(sample => sample.Value);
        return tokens > 0 && hours > 0 ? perHour / (decimal)(tokens / hours) * 1_000_000 : null;
    }

    private static double? Burn(AttentionModel model, FleetSample? before, FleetSample after)
    {
        double? worst = null;
        foreach (var objective in (model.Spec.Slo ?? model.Status?.Slo)?.Objectives ?? [])
        {
            var (good, bad) = Counts(after, model, objective.Name);
            if (before is not null && Counts(before, model, objective.Name) is var (oldGood, oldBad) && good + bad > oldGood + oldBad)
            {
                (good, bad) = (good - oldGood, bad - oldBad);
            }

            if (good + bad > 0 && ModelCost.TryParse(objective.Target, out var target) && target < 100)
            {
                var burn = Math.Max(0, bad / (good + bad) / (1 - ((double)target / 100)));
                worst = Math.Max(worst ?? 0, burn);
            }
        }

        return worst;
    }

    private static (double Good, double Bad) Counts(FleetSample sample, AttentionModel model, string objective)
    {
        double Of(string result) => FleetReport.Of(sample, model, MetricNames.ObjectiveRequests).Where(found => found.Label(MetricNames.Objective) == objective && found.Label(MetricNames.Result) == result).Sum(found => found.Value);
        return (Of(MetricNames.Good), Of(MetricNames.Bad));
    }

    private static IEnumerable<MetricSample> Of(FleetSample sample, AttentionModel model, string metric) => sample.Samples.Where(found =>
        found.Name == metric && found.Label(MetricNames.Model) == model.Metadata.Name && found.Label(MetricNames.ModelNamespace) == model.Metadata.NamespaceProperty);
}
