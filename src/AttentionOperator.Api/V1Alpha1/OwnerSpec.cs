namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Who answers for the model.</summary>
public sealed record OwnerSpec
{
    /// <summary>Team.</summary>
    public string Team { get; init; } = "";

    /// <summary>Mail address or channel.</summary>
    public string? Contact { get; init; }
}
