using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>A condemned revision: not retried until the spec changes or a retry is asked for.</summary>
public sealed record RejectedRevision
{
    /// <summary>Revision hash.</summary>
    [RequiredField]
    public string Hash { get; init; } = "";

    /// <summary>When.</summary>
    public DateTime? At { get; init; }

    /// <summary>One word.</summary>
    [RequiredField]
    public string Reason { get; init; } = "";

    /// <summary>The numbers that condemned it.</summary>
    public string? Message { get; init; }

    /// <summary>Names of the objectives that condemned it.</summary>
    [ListSet]
    public IReadOnlyList<string>? Objectives { get; init; }
}
