using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Good and bad requests since the revision in rollout first got traffic.</summary>
public sealed record RolloutEvidence
{
    /// <summary>When counting began.</summary>
    public DateTime? Since { get; init; }

    /// <summary>When this was written; counts of later requests are still at the gateways.</summary>
    public DateTime? At { get; init; }

    /// <summary>Revision that is judged.</summary>
    public string? Revision { get; init; }

    /// <summary>Revision that it is compared with.</summary>
    public string? Stable { get; init; }

    /// <summary>Judged requests of the revision when the current step began.</summary>
    public long? StepRequests { get; init; }

    /// <summary>Counts per objective.</summary>
    [ListMap("name")]
    public IReadOnlyList<ObjectiveEvidence>? Objectives { get; init; }

    /// <summary>Where each gateway's counters stood when they were last added.</summary>
    [ListMap("instance")]
    public IReadOnlyList<GatewayEvidence>? Gateways { get; init; }

    /// <summary>Earlier counts, for burn rates over windows; the older, the sparser.</summary>
    [ListMap("at")]
    public IReadOnlyList<EvidenceSample>? Samples { get; init; }
}
