using System.Globalization;
using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.Autoscaling;

/// <summary>What each metric of an autoscaler asks for. Resource metrics are not served by the Sandbox and count as failed.</summary>
internal sealed class MetricReader(ClusterCaches caches, MetricsClient client, ScaleClient scales)
{
    public async Task<IReadOnlyList<MetricProposal>> ReadAsync(V2HorizontalPodAutoscaler autoscaler, TargetScale scale, CancellationToken cancellationToken)
    {
        var proposals = new List<MetricProposal>();
        foreach (var metric in autoscaler.Spec.Metrics ?? [])
        {
            proposals.Add(await ReadAsync(autoscaler, metric, scale, cancellationToken).ConfigureAwait(false));
        }

        return proposals;
    }

    private async Task<MetricProposal> ReadAsync(V2HorizontalPodAutoscaler autoscaler, V2MetricSpec metric, TargetScale scale, CancellationToken cancellationToken)
    {
        try
        {
            return metric.Type switch
            {
                "External" => await ExternalAsync(autoscaler, metric.External, scale, cancellationToken).ConfigureAwait(false),
                "Object" => await ObjectAsync(autoscaler, metric.ObjectProperty, scale, cancellationToken).ConfigureAwait(false),
                "Pods" => await PodsAsync(autoscaler, metric.Pods, scale, cancellationToken).ConfigureAwait(false),
                _ => MetricProposal.Failed(metric.Type, $"FailedGet{metric.Type}Metric", $"the Sandbox has no {metric.Type} metrics: use External, Object or Pods"),
            };
        }
        catch (Exception exception) when (exception is MetricsException or HttpRequestException)
        {
            var reason = $"FailedGet{metric.Type}Metric";
            return MetricProposal.Failed(
                metric.Type, reason, $"the HPA was unable to compute the replica count: unable to get {metric.Type.ToLowerInvariant()} metric: {exception.Message}");
        }
    }

    private async Task<MetricProposal> ExternalAsync(
        V2HorizontalPodAutoscaler autoscaler, V2ExternalMetricSource source, TargetScale scale, CancellationToken cancellationToken)
    {
        var value = await client.ExternalAsync(autoscaler.Metadata.NamespaceProperty, source.Metric, cancellationToken).ConfigureAwait(false);
        var status = new V2MetricStatus
        {
            Type = "External",
            External = new V2ExternalMetricStatus { Metric = source.Metric, Current = Current(value, source.Target, scale) },
        };
        return new MetricProposal(Total(autoscaler, value, source.Target, scale), $"external metric {source.Metric.Name}({source.Metric.Selector?.MatchLabels?.Count ?? 0} labels)", status);
    }

    private async Task<MetricProposal> ObjectAsync(
        V2HorizontalPodAutoscaler autoscaler, V2ObjectMetricSource source, TargetScale scale, CancellationToken cancellationToken)
    {
        var described = source.DescribedObject;
        var kind = await scales.KindAsync(described.ApiVersion ?? "v1", described.Kind, cancellationToken).ConfigureAwait(false);
        var resource = kind.Group.Length == 0 ? kind.Plural : $"{kind.Plural}.{kind.Group}";
        var value = await client.ObjectAsync(autoscaler.Metadata.NamespaceProperty, resource, described.Name, source.Metric, cancellationToken).ConfigureAwait(false);
        var status = new V2MetricStatus
        {
            Type = "Object",
            ObjectProperty = new V2ObjectMetricStatus { DescribedObject = described, Metric = source.Metric, Current = Current(value, source.Target, scale) },
        };
        return new MetricProposal(Total(autoscaler, value, source.Target, scale), $"{described.Kind} metric {source.Metric.Name}", status);
    }

    private async Task<MetricProposal> PodsAsync(
        V2HorizontalPodAutoscaler autoscaler, V2PodsMetricSource source, TargetScale scale, CancellationToken cancellationToken)
    {
        var values = await client.PodsAsync(autoscaler.Metadata.NamespaceProperty, scale.Selector, source.Metric, cancellationToken).ConfigureAwait(false);
        var pods = Pods(autoscaler, scale).Where(PodFacts.IsActive).ToList();
        var known = pods.Where(p => values.ContainsKey(p.Metadata.Name)).Select(p => values[p.Metadata.Name]).ToList();
        var (up, down) = Tolerances(autoscaler);
        var replicas = MetricMath.ForPods(known, pods.Count - known.Count, source.Target.AverageValue.ToDecimal(), scale.Wanted, up, down);
        var average = known.Count == 0 ? 0 : known.Average();
        var status = new V2MetricStatus
        {
            Type = "Pods",
            Pods = new V2PodsMetricStatus { Metric = source.Metric, Current = new V2MetricValueStatus { AverageValue = Quantity(average) } },
        };
        return new MetricProposal(replicas, $"pods metric {source.Metric.Name}", status);
    }

    private int Total(V2HorizontalPodAutoscaler autoscaler, decimal value, V2MetricTarget target, TargetScale scale)
    {
        var (up, down) = Tolerances(autoscaler);
        return target.AverageValue is { } average
            ? MetricMath.ForAverage(value, average.ToDecimal(), scale.Current == 0 ? scale.Wanted : scale.Current, up, down)
            : MetricMath.ForValue(value, target.Value.ToDecimal(), Pods(autoscaler, scale).Count(PodFacts.IsReady), scale.Wanted, up, down);
    }

    private IEnumerable<V1Pod> Pods(V2HorizontalPodAutoscaler autoscaler, TargetScale scale)
    {
        // The scale's selector is in its string form; equality terms are what workloads use.
        var terms = scale.Selector.Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(t => t.Split('=', 2, StringSplitOptions.TrimEntries))
            .Where(t => t.Length == 2)
            .GroupBy(t => t[0], StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.First()[1].TrimStart('='), StringComparer.Ordinal);
        return terms.Count == 0
            ? []
            : caches.Pods.ByIndex(SelectorIndex.Name, SelectorIndex.Lookup(autoscaler.Metadata.NamespaceProperty, terms))
                .Where(p => Scheduling.LabelMatching.Matches(terms, p.Metadata.Labels));
    }

    private static (decimal Up, decimal Down) Tolerances(V2HorizontalPodAutoscaler autoscaler) => (
        autoscaler.Spec.Behavior?.ScaleUp?.Tolerance?.ToDecimal() ?? MetricMath.DefaultTolerance,
        autoscaler.Spec.Behavior?.ScaleDown?.Tolerance?.ToDecimal() ?? MetricMath.DefaultTolerance);

    private static V2MetricValueStatus Current(decimal value, V2MetricTarget target, TargetScale scale) => target.AverageValue is null
        ? new V2MetricValueStatus { Value = Quantity(value) }
        : new V2MetricValueStatus { AverageValue = Quantity(scale.Current == 0 ? value : value / scale.Current) };

    private static ResourceQuantity Quantity(decimal value) =>
        decimal.Truncate(value) == value
            ? new ResourceQuantity(value.ToString("0", CultureInfo.InvariantCulture))
            : new ResourceQuantity(decimal.Ceiling(value * 1000).ToString("0", CultureInfo.InvariantCulture) + "m");
}
