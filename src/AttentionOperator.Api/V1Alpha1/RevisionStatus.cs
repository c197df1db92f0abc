using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>One revision.</summary>
public sealed record RevisionStatus
{
    /// <summary>Revision hash.</summary>
    [RequiredField]
    public string Hash { get; init; } = "";

    /// <summary>Number of the revision in the history.</summary>
    public long? Number { get; init; }

    /// <summary>Desired replicas.</summary>
    public int Replicas { get; init; }

    /// <summary>Ready replicas.</summary>
    public int ReadyReplicas { get; init; }

    /// <summary>One word for what keeps it from being ready.</summary>
    public string? Reason { get; init; }

    /// <summary>What keeps it from being ready.</summary>
    public string? Message { get; init; }
}
