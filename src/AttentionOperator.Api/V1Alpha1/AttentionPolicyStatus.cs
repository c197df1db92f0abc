using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Use of a policy's ceilings, and what it keeps back.</summary>
public sealed record AttentionPolicyStatus
{
    /// <summary>Generation that this status describes.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>AttentionModels that the policy holds for.</summary>
    public int? Models { get; init; }

    /// <summary>AttentionModels that it keeps from what their spec says.</summary>
    public int? Violations { get; init; }

    /// <summary>Use per namespace, of those with the most use; at most 100.</summary>
    [ListMap("namespace")]
    public IReadOnlyList<PolicyUsage>? Namespaces { get; init; }
}
