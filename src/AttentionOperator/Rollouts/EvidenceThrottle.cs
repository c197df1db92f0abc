using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Rollouts;

/// <summary>Keeps a status that only counts from being written at every request: what is not written yet is still at the gateways.</summary>
internal static class EvidenceThrottle
{
    /// <param name="before">The published status.</param>
    /// <param name="after">What was decided.</param>
    /// <param name="now">Time.</param>
    /// <param name="lookAgain">Brought forward where something waits to be written.</param>
    public static RolloutStatus Apply(RolloutStatus? before, RolloutStatus after, DateTime now, ref TimeSpan? lookAgain)
    {
        if (after.Evidence is not { } evidence || before?.Evidence is not { At: { } at } written || evidence.Since != written.Since)
        {
            return after;
        }

        var counted = !Same(evidence.Objectives, written.Objectives) || !Same(evidence.Gateways, written.Gateways)
            || evidence.Samples?.Count != written.Samples?.Count || evidence.StepRequests != written.StepRequests;
        if (!counted && before.Message == after.Message)
        {
            return after with { Evidence = written };
        }

        var decided = after with { Evidence = written, Message = before.Message } != before;
        var left = at + StrategyRollouts.EvidenceInterval - now;
        if (decided || left <= TimeSpan.Zero || at > now)
        {
            return after with { Evidence = evidence with { At = now } };
        }

        lookAgain = lookAgain is { } other && other > TimeSpan.Zero && other < left ? lookAgain : left;
        return after with { Evidence = written, Message = before.Message };
    }

    private static bool Same(IReadOnlyList<ObjectiveEvidence>? left, IReadOnlyList<ObjectiveEvidence>? right) => (left ?? []).SequenceEqual(right ?? []);

    private static bool Same(IReadOnlyList<GatewayEvidence>? left, IReadOnlyList<GatewayEvidence>? right) =>
        left?.Count == right?.Count && (left ?? []).Zip(right ?? []).All(pair => pair.First.Instance == pair.Second.Instance && Same(pair.First.Objectives, pair.Second.Objectives));
}
