using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Good and bad requests of one objective.</summary>
public sealed record ObjectiveEvidence
{
    /// <summary>Name of the objective.</summary>
    [RequiredField]
    public string Name { get; init; } = "";

    /// <summary>Fingerprint of the objective's definition; counts start again when it changes.</summary>
    public string? Definition { get; init; }

    /// <summary>Good requests of the revision in rollout.</summary>
    public long Good { get; init; }

    /// <summary>Bad requests of the revision in rollout.</summary>
    public long Bad { get; init; }

    /// <summary>Good requests of the stable revision.</summary>
    public long StableGood { get; init; }

    /// <summary>Bad requests of the stable revision.</summary>
    public long StableBad { get; init; }
}
