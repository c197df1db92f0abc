namespace AttentionOperator.Scaling;

/// <summary>What the load asked for at one moment.</summary>
/// <param name="At">When.</param>
/// <param name="Wanted">Replicas.</param>
/// <param name="IsComplete">False where it may have been more.</param>
internal readonly record struct LoadSample(DateTimeOffset At, decimal Wanted, bool IsComplete);
