using System.Globalization;
using System.Text.RegularExpressions;

namespace AttentionOperator.OperatorBench;

/// <summary>One reading of a process's <c>/metrics</c>.</summary>
internal sealed partial class MetricsSample
{
    private readonly List<(string Name, IReadOnlyDictionary<string, string> Labels, double Value)> series = [];

    public static MetricsSample Parse(string text)
    {
        var sample = new MetricsSample();
        foreach (Match match in Line().Matches(text))
        {
            var labels = Label().Matches(match.Groups["labels"].Value).ToDictionary(l => l.Groups["name"].Value, l => l.Groups["value"].Value, StringComparer.Ordinal);
            sample.series.Add((match.Groups["name"].Value, labels, double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture)));
        }

        return sample;
    }

    /// <summary>Sum over the series of a name whose labels fit.</summary>
    public double Sum(string name, Func<IReadOnlyDictionary<string, string>, bool>? fits = null) =>
        series.Where(s => s.Name == name && (fits is null || fits(s.Labels))).Sum(s => s.Value);

    /// <summary>Upper bounds of a histogram with the observations up to each, summed over all label sets.</summary>
    public IReadOnlyList<(double UpperBound, double Count)> Buckets(string histogram) =>
    [
        .. series
            .Where(s => s.Name == histogram + "_bucket")
            .GroupBy(s => s.Labels["le"] == "+Inf" ? double.PositiveInfinity : double.Parse(s.Labels["le"], CultureInfo.InvariantCulture))
            .OrderBy(g => g.Key)
            .Select(g => (g.Key, g.Sum(s => s.Value))),
    ];

    [GeneratedRegex(@"^(?<name>[a-z_]+)(\{(?<labels>[^}]*)\})? (?<value>\S+)", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex("(?<name>[a-z_]+)=\"(?<value>[^\"]*)\"")]
    private static partial Regex Label();
}
