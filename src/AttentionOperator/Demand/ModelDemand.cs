namespace AttentionOperator.Demand;

/// <summary>What is asked of a model at one moment, and how well that is known.</summary>
internal sealed record ModelDemand
{
    /// <summary>Nothing could be read.</summary>
    public static readonly ModelDemand Unknown = new();

    /// <summary>True where every gateway that clients are sent to was read, and there is one.</summary>
    public bool IsComplete { get; init; }

    /// <summary>Requests that wait at the gateways, also while no replica exists.</summary>
    public long Queued { get; init; }

    /// <summary>When a gateway last saw a request; where none did since it started, when it started. Null where no gateway is known.</summary>
    public DateTimeOffset? LastActivity { get; init; }

    public IReadOnlyList<RevisionDemand> Revisions { get; init; } = [];

    /// <summary>The ready replicas; null where they were not asked.</summary>
    public IReadOnlyList<PodLoad>? Pods { get; init; }

    public long Running => Revisions.Sum(revision => revision.Running);

    public long Tokens => Revisions.Sum(revision => revision.Tokens);

    /// <summary>Every replica was asked and answered.</summary>
    public bool HasAllPods => Pods is { } pods && pods.All(pod => pod.IsKnown);
}
