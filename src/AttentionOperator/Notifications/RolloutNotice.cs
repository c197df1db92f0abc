using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Notifications;

/// <summary>The <c>data</c> of a notification: what was decided, and the numbers.</summary>
internal sealed record RolloutNotice
{
    public required string Namespace { get; init; }

    public required string Name { get; init; }

    /// <summary>Normal or Warning.</summary>
    public required string Severity { get; init; }

    /// <summary>The word that event, condition and status carry.</summary>
    public required string Reason { get; init; }

    public required string Message { get; init; }

    /// <summary>Where the files of the spec's revision are.</summary>
    public string? ModelUri { get; init; }

    public string? StableRevision { get; init; }

    public string? TargetRevision { get; init; }

    /// <summary>Percent of traffic of the revision in rollout.</summary>
    public int? Weight { get; init; }

    public IReadOnlyList<RejectedRevision>? Rejected { get; init; }

    public IReadOnlyList<ObjectiveEvidence>? Objectives { get; init; }

    public EvaluationStatus? Evaluation { get; init; }
}
