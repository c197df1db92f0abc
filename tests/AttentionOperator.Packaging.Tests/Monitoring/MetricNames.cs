using System.Text.RegularExpressions;

namespace AttentionOperator.Packaging.Tests.Monitoring;

/// <summary>Names of the metrics that the programs have, read from the source, and those that a query asks for.</summary>
internal static partial class MetricNames
{
    private static readonly string[] HistogramSuffixes = ["", "_bucket", "_sum", "_count"];

    public static IReadOnlySet<string> InSource()
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(Repository.PathOf("src"), "*.cs", SearchOption.AllDirectories).Where(path => !path.Contains("/obj/", StringComparison.Ordinal)))
        {
            foreach (Match match in Registration().Matches(File.ReadAllText(file)))
            {
                // KubeMetrics takes its prefix from the program; the operator's is the one that has dashboards.
                var name = match.Groups["name"].Value.Replace("{prefix}", "attention_operator", StringComparison.Ordinal);
                names.UnionWith(match.Groups["kind"].Value.EndsWith("Histogram", StringComparison.Ordinal) ? HistogramSuffixes.Select(suffix => name + suffix) : [name]);
            }
        }

        return names;
    }

    public static IEnumerable<string> InQuery(string query) => Name().Matches(query).Select(match => match.Value);

    [GeneratedRegex(@"\b(?<kind>CreateCounter|CreateGauge|CreateHistogram|CreateSummary|Histogram)\((?:factory, )?\$?""(?<name>(?:attention|\{prefix\})_[a-z0-9_]+)""")]
    private static partial Regex Registration();

    [GeneratedRegex(@"\battention_[a-z0-9_]+\b")]
    private static partial Regex Name();
}
