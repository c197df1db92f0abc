using AttentionOperator.Api.Sli;
using AttentionOperator.Gateway.Queueing;
using AttentionOperator.Gateway.Routing;
using AttentionOperator.Gateway.Slis;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Gateway.Hosting;

/// <summary>The counters together with what is going on now: who waits for which revision, and how many tokens are in flight there.</summary>
internal sealed class LoadSnapshot(SliRegistry slis, QueueRegistry queues, RoutingTableSource routing)
{
    public SliSnapshot Take()
    {
        var snapshot = slis.Snapshot();
        return snapshot with { Models = [.. snapshot.Models.Select(WithLoad)] };
    }

    private ModelSli WithLoad(ModelSli model)
    {
        var key = new ObjectKey(model.Namespace, model.Name);
        var waiting = queues.WaitingByRevision(key);
        var tokens = routing.Table.Get(key)?.Revisions.ToDictionary(r => r.Revision, r => r.Endpoints.Sum(e => e.OutstandingTokens), StringComparer.Ordinal);
        // A revision that nobody was served by yet has no counters, but may have a queue.
        var counted = model.Revisions.Select(r => r.Revision).ToHashSet(StringComparer.Ordinal);
        var uncounted = waiting.Keys.Where(r => !counted.Contains(r)).Order(StringComparer.Ordinal).Select(r => new RevisionSli { Revision = r });
        return model with
        {
            Revisions = [.. model.Revisions.Concat(uncounted).Select(r => r with { Queued = waiting.GetValueOrDefault(r.Revision), InFlightTokens = tokens?.GetValueOrDefault(r.Revision) ?? 0 })],
        };
    }
}
