using System.Globalization;
using System.Text;
using AttentionOperator.Bench.Results;

namespace AttentionOperator.Bench.Rollout;

/// <summary>The table of detection power and delay, for people and for programs.</summary>
internal static class DetectionTable
{
    public static string Markdown(IEnumerable<DetectionRow> rows)
    {
        var table = new StringBuilder()
            .Append("| traffic | true bad share | sequential test: rolled back | median | P99 | Flagger-like | median | Argo-like | median |\n")
            .Append("| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
        foreach (var row in rows)
        {
            table.Append(CultureInfo.InvariantCulture, $"| {row.Scenario.Name} | {row.Scenario.BadShare:P1} | {row.Sequential.Share:P2} | {Seconds(row.Sequential.Median)} | {Seconds(row.Sequential.P99)} | {row.Flagger.Share:P2} | {Seconds(row.Flagger.Median)} | {row.Argo.Share:P2} | {Seconds(row.Argo.Median)} |\n");
        }

        return table.ToString();
    }

    public static ResultTable Data(IEnumerable<DetectionRow> rows) => new(
        ["requests_per_second", "true_bad_share", "rollouts", "sequential_rolled_back_share", "sequential_p50_seconds", "sequential_p99_seconds", "flagger_like_rolled_back_share", "flagger_like_p50_seconds", "argo_like_rolled_back_share", "argo_like_p50_seconds"],
        [.. rows.Select(row => (IReadOnlyList<object?>)[Math.Round(row.Scenario.RequestsPerSecond, 4), row.Scenario.BadShare, row.Scenario.Rollouts, row.Sequential.Share, row.Sequential.Median, row.Sequential.P99, row.Flagger.Share, row.Flagger.Median, row.Argo.Share, row.Argo.Median])]);

    public static string Seconds(double? value) => value is { } seconds
        ? seconds < 600 ? seconds.ToString("F0", CultureInfo.InvariantCulture) + " s" : (seconds / 60).ToString("F0", CultureInfo.InvariantCulture) + " min"
        : "–";
}
