using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Where one gateway process's counters stood.</summary>
public sealed record GatewayEvidence
{
    /// <summary>The process.</summary>
    [RequiredField]
    public string Instance { get; init; } = "";

    /// <summary>Its counters.</summary>
    [ListMap("name")]
    public IReadOnlyList<ObjectiveEvidence>? Objectives { get; init; }
}
