using AttentionOperator.Diagnosis;

namespace AttentionOperator.Rollouts;

/// <summary>One revision as observed.</summary>
internal sealed record RevisionState
{
    public required string Hash { get; init; }

    /// <summary>Number in the history; greater is newer.</summary>
    public required long Number { get; init; }

    /// <summary>Replicas that its Deployment asks for; null where it has none.</summary>
    public int? Replicas { get; init; }

    /// <summary>Pods that its Deployment has, also those that are too many, and those that are ending.</summary>
    public int Pods { get; init; }

    /// <summary>Ready replicas of the Deployment as it is asked for now.</summary>
    public int ReadyReplicas { get; init; }

    /// <summary>What keeps its pods from being ready; null where nothing is known to.</summary>
    public PodFailure? Failure { get; init; }

    /// <summary>Replicas that take place now or may at any moment.</summary>
    public int Occupied => Math.Max(Replicas ?? 0, Pods);
}
