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
        var route = routing.Table.Get(key);
        // A revision that nobody was served by yet has no counters, but may have a queue.
        var uncounted = waiting.Keys.Where(w => model.Revisions.All(r => r.Revision != w)).Order(StringComparer.Ordinal).Select(w => new RevisionSli { Revision = w });
        var changed = false;
        var loaded = new List<RevisionSli>(model.Revisions.Count);
        foreach (var revision in model.Revisions.Concat(uncounted))
        {
            var queued = waiting.GetValueOrDefault(revision.Revision);
            var tokens = OutstandingTokens(route, revision.Revision);
            changed |= queued != 0 || tokens != 0;
            loaded.Add(queued == 0 && tokens == 0 ? revision : revision with { Queued = queued, InFlightTokens = tokens });
        }

        return changed ? model with { Revisions = loaded } : model;
    }

    private static long OutstandingTokens(ModelRoute? route, string revision)
    {
        var tokens = 0L;
        if (route?.Find(revision) is { } found)
        {
            foreach (var endpoint in found.Endpoints) tokens += endpoint.OutstandingTokens;
        }

        return tokens;
    }
}
