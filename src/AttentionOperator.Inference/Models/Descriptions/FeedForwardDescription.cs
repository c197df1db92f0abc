namespace AttentionOperator.Inference.Models.Descriptions;

/// <summary>down(act(up(x))), or down(act(gate(x)) · up(x)) where there is a gate.</summary>
public sealed record FeedForwardDescription
{
    public required ActivationKind Activation { get; init; }

    public LinearDescription? Gate { get; init; }

    public required LinearDescription Up { get; init; }

    public required LinearDescription Down { get; init; }
}
