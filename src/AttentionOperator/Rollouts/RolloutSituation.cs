using System.Collections.Immutable;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Evaluation;
using AttentionOperator.Slo;

namespace AttentionOperator.Rollouts;

/// <summary>What a rollout is decided from.</summary>
internal sealed record RolloutSituation
{
    /// <summary>Name of the AttentionModel.</summary>
    public required string Model { get; init; }

    /// <summary><c>spec.rollout</c>.</summary>
    public required RolloutSpec Spec { get; init; }

    /// <summary>Desired replicas over all revisions (<c>spec.replicas</c>).</summary>
    public required int Replicas { get; init; }

    /// <summary>Revision that serves; null before anything has served. Always one of <see cref="Revisions"/>.</summary>
    public string? Stable { get; init; }

    /// <summary>Revision of the current spec. Always one of <see cref="Revisions"/>.</summary>
    public required string Target { get; init; }

    /// <summary>Revisions that can run (their snapshot is known), oldest first.</summary>
    public required IReadOnlyList<RevisionState> Revisions { get; init; }

    /// <summary>Split of traffic as it is published now: what gateways act on.</summary>
    public IReadOnlyList<TrafficTarget> Traffic { get; init; } = [];

    /// <summary>The decision's status of the last pass.</summary>
    public RolloutStatus? Status { get; init; }

    /// <summary>Condemned revisions.</summary>
    public IReadOnlyList<RejectedRevision> Rejected { get; init; } = [];

    /// <summary>Objectives; null where nothing is judged.</summary>
    public SloSpec? Slo { get; init; }

    /// <summary>The gateways' counters; null where none were read.</summary>
    public SliObservation? Slis { get; init; }

    /// <summary>Replicas by revision that the revisions' own queues ask for; what is not in it asks for none.</summary>
    public IReadOnlyDictionary<string, int> Pressure { get; init; } = ImmutableDictionary<string, int>.Empty;

    /// <summary>Runs of the evaluation before traffic.</summary>
    public IReadOnlyList<EvaluationObservation> Evaluations { get; init; } = [];

    /// <summary>The action that was asked for last; it is carried out once.</summary>
    public RolloutAction? Action { get; init; }

    public required DateTimeOffset Now { get; init; }

    /// <summary>The stable revision and the spec's share the published traffic.</summary>
    public bool IsSplit => Stable is not null && Stable != Target && WeightOf(Stable) > 0 && WeightOf(Target) > 0;

    public RevisionState? Find(string? hash) => Revisions.FirstOrDefault(revision => revision.Hash == hash);

    public int WeightOf(string hash) => Traffic.FirstOrDefault(target => target.Revision == hash)?.Weight ?? 0;
}
