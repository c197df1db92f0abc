using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Who answers for the model.</summary>
public sealed record OwnerSpec
{
    /// <summary>Team.</summary>
    [RequiredField]
    [Length(63, 1)]
    public string Team { get; init; } = "";

    /// <summary>Mail address or channel.</summary>
    [Length(253, 1)]
    public string? Contact { get; init; }
}
