using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Values;

namespace AttentionOperator.Rollouts;

/// <summary><c>spec.rollout.progressDeadline</c>: for how long a revision may take to get ready.</summary>
/// <param name="Left">Until it passes; not positive where it has.</param>
/// <param name="Stall">What is said once it has passed; null before.</param>
internal readonly record struct ProgressDeadline(TimeSpan Left, RolloutStall? Stall)
{
    /// <param name="spec">The rollout's spec.</param>
    /// <param name="since">When the current phase or step began.</param>
    /// <param name="target">The revision.</param>
    /// <param name="progress">How far it is.</param>
    /// <param name="now">The time.</param>
    public static ProgressDeadline Of(RolloutSpec spec, DateTime since, RevisionState target, string progress, DateTime now)
    {
        var left = since + Durations.Parse(spec.ProgressDeadline) - now;
        return new ProgressDeadline(left, left > TimeSpan.Zero ? null : new RolloutStall(
            nameof(RolloutReason.ProgressDeadlineExceeded),
            $"revision {target.Hash} was not ready within {spec.ProgressDeadline}: {progress}"
            + (target.Failure is { } failure ? $"; {failure.Reason}: {failure.Message}" : "")));
    }
}
