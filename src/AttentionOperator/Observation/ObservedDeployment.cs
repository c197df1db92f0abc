namespace AttentionOperator.Observation;

/// <summary>What decisions need of a revision's Deployment.</summary>
internal sealed record ObservedDeployment
{
    public required string Name { get; init; }

    public required string Uid { get; init; }

    /// <summary>Revision hash, from its label.</summary>
    public required string Revision { get; init; }

    public bool IsDeleting { get; init; }

    /// <summary>Replicas that it asks for.</summary>
    public int Replicas { get; init; }

    /// <summary>Pods that it has.</summary>
    public int Pods { get; init; }

    public int ReadyReplicas { get; init; }

    /// <summary>Version of the rules that its template was rendered by, as far as it can be told.</summary>
    public int RenderVersion { get; init; } = 1;

    /// <summary>Image of the runtime's container.</summary>
    public string? Image { get; init; }
}
