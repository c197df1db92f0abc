using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>One step of a canary.</summary>
public sealed record RolloutStep
{
    /// <summary>Share of traffic in percent.</summary>
    [RequiredField]
    [Bounds(0, 100)]
    public int Weight { get; init; }

    /// <summary>Least time in this step, as a duration.</summary>
    [Duration]
    public string? Hold { get; init; }

    /// <summary>Wait for an approval (<c>kubectl attention promote</c>) before the next step.</summary>
    public bool Approval { get; init; }
}
