namespace AttentionOperator.OperatorBench;

/// <summary>What is measured.</summary>
/// <param name="Count">AttentionModels.</param>
/// <param name="Edits">Edits whose way to the Deployment is timed, one after the other.</param>
/// <param name="IdleTime">How long nothing happens while the operator's processor time is counted.</param>
/// <param name="ChurnTime">Length of the soak; zero leaves it out.</param>
/// <param name="Root">The checkout.</param>
/// <param name="Configuration">Build configuration of the processes.</param>
internal sealed record BenchmarkOptions(int Count, int Edits, TimeSpan IdleTime, TimeSpan ChurnTime, string Root, string Configuration)
{
    public string Command => $"make bench-operator COUNT={Count}" + (ChurnTime > TimeSpan.Zero ? $" CHURN_MINUTES={ChurnTime.TotalMinutes}" : "");
}
