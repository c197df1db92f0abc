using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Kube.Apply;

/// <summary>How an apply ended, with the object after it and the fields that others own.</summary>
public sealed record ApplyResult(ApplyOutcome Outcome, KubeObject? Object, IReadOnlyList<StatusCause> Conflicts)
{
    /// <summary>True where the server changed something, so that the cache is behind until the event comes.</summary>
    public bool Wrote { get; init; }
}
