using AttentionOperator.Api.Sli;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Demand;

/// <summary>What all gateways said at one moment.</summary>
/// <param name="Snapshots">Of the gateways that are known.</param>
/// <param name="IsComplete">Every gateway that clients are sent to is among them, and there is one.</param>
internal sealed record GatewayReading(IReadOnlyList<SliSnapshot> Snapshots, bool IsComplete)
{
    /// <summary>One model's part.</summary>
    public ModelDemand Of(ObjectKey model)
    {
        var parts = Snapshots.Select(snapshot => (snapshot.StartedAt, Sli: snapshot.Models.FirstOrDefault(found => found.Namespace == model.Namespace && found.Name == model.Name))).ToList();
        var revisions = parts
            .SelectMany(part => part.Sli?.Revisions ?? [])
            .GroupBy(revision => revision.Revision, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new RevisionDemand(group.Key, group.Sum(revision => revision.Queued), group.Sum(revision => revision.InFlight), group.Sum(revision => revision.InFlightTokens)));
        return new ModelDemand
        {
            IsComplete = IsComplete,
            Queued = parts.Sum(part => part.Sli?.Queued ?? 0),
            LastActivity = parts.Count == 0 ? null : parts.Max(part => Later(part.StartedAt, part.Sli?.LastRequestAt ?? 0)),
            Revisions = [.. revisions],
        };
    }

    private static DateTimeOffset Later(DateTimeOffset startedAt, double lastRequestAt)
    {
        var last = DateTimeOffset.UnixEpoch.AddSeconds(lastRequestAt);
        return last > startedAt ? last : startedAt;
    }
}
