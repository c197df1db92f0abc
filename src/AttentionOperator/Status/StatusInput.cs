using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Validation;
using AttentionOperator.Observation;
using AttentionOperator.Rollouts;

namespace AttentionOperator.Status;

/// <summary>What a status is derived from.</summary>
internal sealed record StatusInput
{
    public required AttentionModel Model { get; init; }

    public required ModelObservation Observed { get; init; }

    /// <summary>All revisions that can run or do.</summary>
    public required IReadOnlyList<RevisionState> Revisions { get; init; }

    public required RolloutDecision Decision { get; init; }

    /// <summary>Hash of the spec's revision; null where the spec is invalid.</summary>
    public string? Target { get; init; }

    public IReadOnlyList<FieldError> Errors { get; init; } = [];

    public string? Url { get; init; }

    /// <summary>Whole seconds.</summary>
    public required DateTimeOffset Now { get; init; }

    public RevisionState? TargetState => Target is null ? null : Revisions.FirstOrDefault(revision => revision.Hash == Target);
}
