using System.Globalization;
using AttentionOperator.Bench.Results;

namespace AttentionOperator.InferenceBench;

/// <summary>One run of the bench: where it works, how long it measures, and what it has found.</summary>
/// <param name="Root">Of the checkout.</param>
/// <param name="Scratch">An empty directory for models.</param>
/// <param name="Seconds">Per figure and peer.</param>
internal sealed record BenchRun(string Root, string Scratch, double Seconds)
{
    public int Threads { get; } = Environment.ProcessorCount;

    public SortedDictionary<string, Metric> Metrics { get; } = new(StringComparer.Ordinal);

    /// <summary>What a reader of the file must know: peers that are not installed, for one.</summary>
    public List<string> Notes { get; } = [];

    public void Add(string name, double value, string unit) => Add(name, new Metric(value, unit));

    /// <summary>A figure as a multiple of a peer's, or as a share of a bound.</summary>
    public void Compare(string name, double value, string peer, double peerValue) => Add(name, new Metric(value / peerValue, "ratio", peer, peerValue, value / peerValue));

    public void Add(string name, Metric metric)
    {
        Metrics[name] = metric;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-48} {metric.Value,12:0.###} {metric.Unit,-12} {(metric.Ratio is null ? "" : $"{metric.Peer} ({metric.PeerValue:0.###})")}"));
    }
}
