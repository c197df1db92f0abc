using System.Globalization;
using AttentionOperator.Api.Policies;
using AttentionOperator.Cli.Fleet;

namespace AttentionOperator.Cli.Views;

/// <summary>The fleet: what each model does, uses and costs.</summary>
internal static class TopView
{
    public static void Write(TextWriter output, IReadOnlyList<FleetRow> rows, bool allNamespaces)
    {
        string[] headings = ["NAME", "READY", "REPLICAS", "STABLE", "TARGET", "ROLLOUT", "WEIGHT", "REASON", "GPUS", "QUEUE", "BURN", "COST/H", "COST/MTOK"];
        TextTable.Write(
            output,
            allNamespaces ? ["NAMESPACE", .. headings] : headings,
            rows.Select(row => (IReadOnlyList<string>)(allNamespaces ? [row.Model.Metadata.NamespaceProperty, .. Cells(row)] : Cells(row))));
        if (rows.Count > 0)
        {
            var cost = rows.Any(row => row.CostPerHour is not null) ? $", {Money(rows.Sum(row => row.CostPerHour ?? 0))} per hour" : "";
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{rows.Count} models, {rows.Sum(row => row.Held)} replicas, {rows.Sum(row => row.Accelerators)} accelerators{cost}"));
        }
    }

    private static string[] Cells(FleetRow row)
    {
        var status = row.Model.Status;
        return
        [
            row.Model.Metadata.Name,
            status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready")?.Status ?? "Unknown",
            $"{status?.ReadyReplicas ?? 0}/{row.Model.Spec.Replicas}",
            status?.StableRevision ?? "-",
            status?.TargetRevision ?? "-",
            status?.Rollout?.Phase?.ToString() ?? "-",
            (status?.Rollout?.Weight ?? 0).ToString(CultureInfo.InvariantCulture) + "%",
            Reason(row),
            row.Accelerators.ToString(CultureInfo.InvariantCulture),
            row.Queue?.ToString(CultureInfo.InvariantCulture) ?? "-",
            row.Burn is { } burn ? burn.ToString("0.0", CultureInfo.InvariantCulture) + "x" : "-",
            row.CostPerHour is { } cost ? Money(cost) : "-",
            row.CostPerMillionTokens is { } tokens ? Money(tokens) : "-",
        ];
    }

    // What keeps a model from its spec says more than where its rollout is.
    private static string Reason(FleetRow row) =>
        row.Model.Status?.Conditions?.FirstOrDefault(condition => condition is { Status: "True", Type: "OutOfMemory" or "Limited" })?.Reason
        ?? row.Model.Status?.Rollout?.Reason ?? "-";

    private static string Money(decimal value) => ModelCost.Format(Math.Round(value, 2));
}
