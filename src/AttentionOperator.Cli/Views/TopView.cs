using System.Globalization;
using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Cli.Views;

/// <summary>All models with what their rollouts are doing.</summary>
internal static class TopView
{
    public static void Write(TextWriter output, IReadOnlyList<AttentionModel> models) => TextTable.Write(
        output,
        ["NAME", "READY", "REPLICAS", "STABLE", "TARGET", "ROLLOUT", "WEIGHT", "REASON"],
        models.OrderBy(model => model.Metadata.Name, StringComparer.Ordinal).Select(model => (IReadOnlyList<string>)
        [
            model.Metadata.Name,
            model.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready")?.Status ?? "Unknown",
            $"{model.Status?.ReadyReplicas ?? 0}/{model.Spec.Replicas}",
            model.Status?.StableRevision ?? "-",
            model.Status?.TargetRevision ?? "-",
            model.Status?.Rollout?.Phase?.ToString() ?? "-",
            (model.Status?.Rollout?.Weight ?? 0).ToString(CultureInfo.InvariantCulture) + "%",
            model.Status?.Rollout?.Reason ?? "-",
        ]));
}
