using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>What a model gets whose spec leaves it out.</summary>
public sealed record PolicyDefaults
{
    /// <summary>Objectives of models that have none.</summary>
    public SloSpec? Slo { get; init; }

    /// <summary>limits.maxInputTokens, for revisions that are created while the policy holds.</summary>
    [Bounds(1, 16_777_216)]
    public int? MaxInputTokens { get; init; }

    /// <summary>limits.maxOutputTokens, for revisions that are created while the policy holds.</summary>
    [Bounds(1, 16_777_216)]
    public int? MaxOutputTokens { get; init; }
}
