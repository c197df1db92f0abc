namespace AttentionOperator.Scaling;

/// <summary>A change of the number of replicas.</summary>
internal readonly record struct ReplicaChange(DateTimeOffset At, int From, int To);
