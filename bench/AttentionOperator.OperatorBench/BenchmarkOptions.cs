namespace AttentionOperator.OperatorBench;

/// <summary>What is measured.</summary>
/// <param name="Count">AttentionModels.</param>
/// <param name="Edits">Edits whose way to the Deployment is timed, one after the other.</param>
/// <param name="IdleTime">How long nothing happens while the operator's processor time is counted.</param>
/// <param name="ChurnTime">Length of the soak; zero leaves it out.</param>
/// <param name="GrowthLimit">Only the soak, which fails where memory grows by more than so many MiB; null measures everything.</param>
/// <param name="Root">The checkout.</param>
/// <param name="Configuration">Build configuration of the processes.</param>
internal sealed record BenchmarkOptions(int Count, int Edits, TimeSpan IdleTime, TimeSpan ChurnTime, double? GrowthLimit, string Root, string Configuration)
{
    /// <summary>Name of the report of the soak.</summary>
    public const string Soak = "operator-soak";

    public string Command => GrowthLimit is null
        ? $"make bench-operator COUNT={Count}" + (ChurnTime > TimeSpan.Zero ? $" CHURN_MINUTES={ChurnTime.TotalMinutes}" : "")
        : $"make soak SOAK_MODELS={Count} SOAK_MINUTES={ChurnTime.TotalMinutes}";
}
