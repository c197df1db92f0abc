using System.Globalization;
using AttentionOperator.Inference.Engine;
using AttentionOperator.Inference.Probes;
using Prometheus;

namespace AttentionOperator.Runtime.Metrics;

/// <summary>
/// Attention entropy of sampled requests, and whether it has moved from what it was after the start. By layer and length, because entropy falls with
/// length by itself; of deep models some layers, evenly spaced.
/// </summary>
internal sealed class EntropyMetrics
{
    /// <summary>Requests of one length class that make the reference: about what the index needs to be quiet without a change.</summary>
    public const int ReferenceSize = 1000;

    /// <summary>Requests of one length class per comparison.</summary>
    public const int WindowSize = 500;

    private const int MaxLayers = 8;
    private const double FalseAlarms = 1e-3;
    private static readonly (int Most, string Name)[] Lengths = [(128, "128"), (1024, "1024"), (8192, "8192"), (int.MaxValue, "more")];
    private static readonly double[] Ratios = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1];

    private readonly Lock _lock = new();
    private readonly Dictionary<(int Layer, int Length), DriftDetector> _detectors = [];
    private readonly Histogram _entropy;
    private readonly Gauge _score;
    private readonly Gauge _drifting;

    public EntropyMetrics(MetricFactory factory)
    {
        _entropy = factory.CreateHistogram(
            "attention_entropy_ratio", "Attention entropy of sampled requests at the last token of the prompt, over ln(visible tokens), mean of the heads; length = upper bound of the prompt's tokens.",
            ["layer", "length"], new HistogramConfiguration { Buckets = Ratios });
        _score = factory.CreateGauge("attention_entropy_drift_score", "Population stability index of the last full window of sampled requests against the first ones; absent while there is too little data.", "layer", "length");
        _drifting = factory.CreateGauge("attention_entropy_drifting", "1 where three of the last five windows differ more than by chance; absent while there is too little data.", "layer", "length");
    }

    public void Observe(EntropySample sample)
    {
        var length = Array.FindIndex(Lengths, l => sample.VisibleTokens <= l.Most);
        foreach (var layer in LayersOf(sample.NormalizedByLayer.Count)) Observe(layer, length, sample.NormalizedByLayer[layer], sample.NormalizedByLayer.Count);
    }

    /// <summary>First and last and what lies evenly between.</summary>
    internal static IEnumerable<int> LayersOf(int count) => count <= MaxLayers
        ? Enumerable.Range(0, count)
        : Enumerable.Range(0, MaxLayers).Select(i => (int)Math.Round(i * (count - 1) / (MaxLayers - 1.0)));

    private void Observe(int layer, int length, double value, int layers)
    {
        string[] labels = [layer.ToString(CultureInfo.InvariantCulture), Lengths[length].Name];
        _entropy.WithLabels(labels).Observe(value);
        DriftState? state;
        lock (_lock)
        {
            if (!_detectors.TryGetValue((layer, length), out var detector))
            {
                // So many series are watched; together they may be wrong as often as one.
                _detectors[(layer, length)] = detector = new DriftDetector(ReferenceSize, WindowSize, FalseAlarms / (Math.Min(layers, MaxLayers) * Lengths.Length));
            }

            detector.Add(value);
            state = detector.State;
        }

        if (state is not { } said) return;
        _score.WithLabels(labels).Set(said.Score);
        _drifting.WithLabels(labels).Set(said.Drifting ? 1 : 0);
    }
}
