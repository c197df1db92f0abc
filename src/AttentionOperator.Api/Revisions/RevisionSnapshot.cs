using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Api.Revisions;

/// <summary>
/// What a revision runs, as its ControllerRevision keeps it: enough to render its children again at any later time, whatever the
/// spec says then and whichever operator does it.
/// </summary>
public sealed record RevisionSnapshot
{
    /// <summary>Version of the rules that the hash was computed by (<see cref="RevisionHash"/>).</summary>
    public int HashVersion { get; init; } = RevisionHash.CurrentVersion;

    /// <summary>Version of the rules that new revisions are rendered by. 2 spreads replicas over nodes and zones.</summary>
    public const int CurrentRenderVersion = 2;

    /// <summary>Version of the rules that children are rendered by: an operator that renders differently keeps the old way for old revisions.</summary>
    public int RenderVersion { get; init; } = 1;

    /// <summary>Container image; resolved when the revision was created.</summary>
    public string Image { get; init; } = "";

    public ModelTask Task { get; init; }

    public ModelSource Model { get; init; } = new();

    public TokenizerSource? Tokenizer { get; init; }

    public Precision Precision { get; init; }

    public AttentionSpec? Attention { get; init; }

    public LimitsSpec Limits { get; init; } = new();

    public BatchingSpec Batching { get; init; } = new();

    public RuntimeSpec Runtime { get; init; } = new();

    public ResourcesSpec Resources { get; init; } = new();

    public PlacementSpec? Placement { get; init; }

    public ObservabilitySpec? Observability { get; init; }

    /// <summary>Takes the fields of the spec that belong to a revision.</summary>
    /// <param name="spec">The spec.</param>
    /// <param name="defaultImage">Image of the runtime where the spec names none.</param>
    public static RevisionSnapshot Of(AttentionModelSpec spec, string defaultImage)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return new RevisionSnapshot
        {
            RenderVersion = CurrentRenderVersion,
            Image = spec.Runtime.Image ?? defaultImage,
            Task = spec.Task,
            Model = spec.Model,
            Tokenizer = spec.Tokenizer,
            Precision = spec.Precision,
            Attention = spec.Attention,
            Limits = spec.Limits,
            Batching = spec.Batching,
            Runtime = spec.Runtime,
            Resources = spec.Resources,
            Placement = spec.Placement,
            Observability = spec.Observability,
        };
    }
}
