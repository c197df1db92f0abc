using System.Globalization;
using AttentionOperator.Api.Naming;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Demand;

/// <summary>Cumulative counts of a model's times to the first token, by upper bound in seconds, of all gateways together.</summary>
internal sealed class FirstTokenHistogram
{
    private const string Name = "attention_gateway_time_to_first_token_seconds_bucket";

    private static readonly HashSet<string> Wanted = new(StringComparer.Ordinal) { Name };

    private readonly SortedDictionary<double, double> counts = [];

    /// <summary>Adds what one gateway's <c>/metrics</c> says of a model.</summary>
    public void Add(ObjectKey model, string text)
    {
        foreach (var sample in PrometheusText.Read(text, Wanted))
        {
            if (sample.Labels.GetValueOrDefault(MetricNames.Model) == model.Name && sample.Labels.GetValueOrDefault(MetricNames.ModelNamespace) == model.Namespace
                && sample.Labels.TryGetValue("le", out var le))
            {
                var bound = le == "+Inf" ? double.PositiveInfinity : double.Parse(le, NumberStyles.Float, CultureInfo.InvariantCulture);
                counts[bound] = counts.GetValueOrDefault(bound) + sample.Value;
            }
        }
    }

    /// <summary>
    /// A quantile of what was counted since an earlier reading, interpolated inside its bucket as Prometheus' <c>histogram_quantile</c> does; null where nothing
    /// was, or where a gateway restarted in between.
    /// </summary>
    public double? Quantile(double quantile, FirstTokenHistogram earlier)
    {
        var buckets = counts.Select(bucket => (Bound: bucket.Key, Count: bucket.Value - earlier.counts.GetValueOrDefault(bucket.Key))).ToList();
        if (buckets.Count == 0 || buckets.Any(bucket => bucket.Count < 0) || buckets[^1].Count <= 0)
        {
            return null;
        }

        var rank = quantile * buckets[^1].Count;
        var (lower, below) = (0d, 0d);
        foreach (var (bound, count) in buckets)
        {
            if (count >= rank)
            {
                // Nothing is known of the last bucket but that it is above the one before.
                return double.IsInfinity(bound) ? lower : count == below ? bound : lower + ((bound - lower) * (rank - below) / (count - below));
            }

            (lower, below) = (bound, count);
        }

        return lower;
    }
}
