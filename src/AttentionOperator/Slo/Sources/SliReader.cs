using System.Collections.Concurrent;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Slo.Sources;

/// <summary>
/// Reads the counters of models in rollout, or watched after one, every second, and says whose changed. It costs nothing while there are none.
/// </summary>
internal sealed class SliReader(ISliReader gateways, ISliReader prometheus, TimeProvider time, ILogger<SliReader> logger) : ISliSource
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<ObjectKey, Watched> watched = new();

    /// <summary>The counters of a model changed, or whether they can be read.</summary>
    public event Action<ObjectKey>? Changed;

    public SliObservation? Observe(AttentionModel model)
    {
        var key = new ObjectKey(model.Metadata.NamespaceProperty ?? "", model.Metadata.Name);
        if (model.Metadata.DeletionTimestamp is not null || model.Spec?.Slo is not { Objectives.Count: > 0 } slo
            || model.Status?.Rollout?.Phase is not (RolloutPhase.Progressing or RolloutPhase.Paused or RolloutPhase.Baking))
        {
            watched.TryRemove(key, out _);
            return null;
        }

        var source = new WatchedModel(key, slo.Source == SloSource.Prometheus ? slo.Prometheus?.Url ?? "" : null);
        watched.AddOrUpdate(key, _ => new Watched(source, null), (_, old) => old with { Source = source });
        return Find(source);
    }

    public bool IsWatching(ObjectKey model) => watched.ContainsKey(model);

    /// <summary>Forgets a model that is gone.</summary>
    public void Forget(ObjectKey model) => watched.TryRemove(model, out _);

    public async Task RunAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
            {
                await TickAsync(cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The usual end.
        }
    }

    /// <summary>One round of reading.</summary>
    internal async Task TickAsync(CancellationToken cancellation)
    {
        if (watched.IsEmpty)
        {
            return;
        }

        try
        {
            WatchedModel[] models = [.. watched.Values.Select(entry => entry.Source)];
            await Task.WhenAll(gateways.ReadAsync(models, cancellation), prometheus.ReadAsync(models, cancellation));
        }
#pragma warning disable CA1031 // One bad answer must not end the reading for all.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            SliLog.Failed(logger, e);
        }

        foreach (var (key, entry) in watched)
        {
            var seen = Fingerprint(Find(entry.Source));
            if (seen != entry.Seen)
            {
                watched.TryUpdate(key, entry with { Seen = seen }, entry);
                Changed?.Invoke(key);
            }
        }
    }

    private static int Fingerprint(SliObservation? observation)
    {
        var hash = default(HashCode);
        hash.Add(observation?.IsFresh);
        foreach (var gateway in observation?.Gateways ?? [])
        {
            hash.Add(gateway.Instance);
            foreach (var objective in gateway.Revisions.SelectMany(revision => revision.Objectives))
            {
                hash.Add((objective.Name, objective.Good, objective.Bad));
            }
        }

        return hash.ToHashCode();
    }

    private SliObservation? Find(WatchedModel model) => (model.Prometheus is null ? gateways : prometheus).Find(model.Key);

    private sealed record Watched(WatchedModel Source, int? Seen);
}
