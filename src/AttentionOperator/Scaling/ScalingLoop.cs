using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using AttentionOperator.Api.Scaling;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Demand;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Events;
using AttentionOperator.Kube.Leases;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Observation;

namespace AttentionOperator.Scaling;

/// <summary>
/// The leader's look at the load of models that it scales itself, of those that may sleep, and of those in rollout. It writes through the scale subresource, as any
/// autoscaler does, and only over the version that it decided from.
/// </summary>
internal sealed class ScalingLoop(IDemandSource demand, KubeApi api, EventRecorder events, TimeProvider time, ILogger<ScalingLoop> logger) : IQueuePressureSource
{
    private const int Concurrency = 16;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<ObjectKey, ScaledModel> models = new();
    private readonly ConcurrentDictionary<ObjectKey, Look> looks = new();

    /// <summary>What a model's queues ask for changed.</summary>
    public event Action<ObjectKey>? Changed;

    public void Follow(ModelCaches caches) => caches.Models.AddHandler(@event =>
    {
        if (@event.New is { } value && ScaledModel.Of(value) is { } scaled)
        {
            models[@event.Key] = scaled;
            return;
        }

        if (models.TryRemove(@event.Key, out _))
        {
            looks.TryRemove(@event.Key, out _);
        }

        if (@event.New is null)
        {
            demand.Forget(@event.Key);
        }
    });

    public IReadOnlyDictionary<string, int> PressureOf(ObjectKey model) => looks.TryGetValue(model, out var look) ? look.Wanted : ImmutableDictionary<string, int>.Empty;

    public async Task RunAsync(CancellationToken cancellation)
    {
        looks.Clear(); // What was seen in an earlier term is too old to act on.
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
            {
                await LookAsync(cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The usual end.
        }
    }

    /// <summary>Looks at every model whose time has come.</summary>
    internal Task LookAsync(CancellationToken cancellation)
    {
        var now = time.GetTimestamp();
        var due = models.Where(entry => !looks.TryGetValue(entry.Key, out var look) || time.GetElapsedTime(look.At, now) >= entry.Value.Interval);
        return Parallel.ForEachAsync(due.ToList(), new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellation }, async (entry, token) =>
        {
            try
            {
                await LookAsync(entry.Key, entry.Value, token);
            }
#pragma warning disable CA1031 // One model must not end the loop for all.
            catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
            {
                ScalingLog.Failed(logger, entry.Key.ToString(), e);
            }
        });
    }

    private async Task LookAsync(ObjectKey key, ScaledModel scaled, CancellationToken cancellation)
    {
        var at = time.GetTimestamp();
        var seen = await demand.ReadAsync(key, scaled.NeedsPods, cancellation);
        var now = time.GetUtcNow();
        var old = looks.GetValueOrDefault(key) ?? Look.First;
        var next = old with { At = at };
        if (scaled.InRollout)
        {
            var pressure = old.Pressure.With(seen, now);
            next = next with { Pressure = pressure, Wanted = pressure.Wanted(ScalingTargets.Of(scaled.Model.Spec).QueueDepth ?? ScalingTargets.DefaultQueueDepth) };
        }
        else
        {
            next = next with { Pressure = QueuePressure.None, Wanted = ImmutableDictionary<string, int>.Empty };
        }

        // What was written over is not decided from again: the watch has yet to bring what this loop made of it.
        if (scaled.Model.Spec.Scaling is not null && scaled.Source.ResourceVersion != old.Overwritten)
        {
            var verdict = ScalingDecider.Decide(new ScalingSituation
            {
                Spec = scaled.Model.Spec,
                Status = scaled.Model.Status,
                IsObserved = scaled.Model.Status?.ObservedGeneration == scaled.Model.Metadata.Generation,
                Demand = seen,
                Memory = old.Memory,
                Now = now,
            });
            var written = await CarryOutAsync(key, scaled, verdict, cancellation);
            next = written
                ? next with { Memory = verdict.Memory.After(new ReplicaChange(now, scaled.Model.Spec.Replicas, verdict.Replicas)), Overwritten = scaled.Source.ResourceVersion }
                : next with { Memory = verdict.Memory };
        }

        if (models.ContainsKey(key))
        {
            looks[key] = next;
        }

        if (!Same(old.Wanted, next.Wanted))
        {
            Changed?.Invoke(key);
        }
    }

    /// <summary>True where the number of replicas was written.</summary>
    private async Task<bool> CarryOutAsync(ObjectKey key, ScaledModel scaled, ScalingVerdict verdict, CancellationToken cancellation)
    {
        if (verdict.Replicas != scaled.Model.Spec.Replicas)
        {
            try
            {
                var patch = JsonSerializer.SerializeToUtf8Bytes(new { metadata = new { resourceVersion = scaled.Source.ResourceVersion }, spec = new { replicas = verdict.Replicas } });
                await api.MergePatchAsync(ResourceKinds.Model, key, patch, "scale", cancellation);
            }
            catch (KubeApiException e) when (e.IsConflict || e.IsNotFound)
            {
                return false; // Somebody was faster; the next look sees what he did.
            }
            catch (Exception e) when (e is KubeApiException or HttpRequestException or NotLeadingException)
            {
                ScalingLog.Refused(logger, key.ToString(), e.Message);
                return false;
            }

            ScalingLog.Scaled(logger, key.ToString(), verdict.Message);
        }

        if (verdict.Reason is { } reason)
        {
            var kind = reason == ScalingReason.LoadUnknown ? EventKind.Warning : EventKind.Normal;
            events.Record(new EventNote(ResourceKinds.Model, scaled.Source.Identity, kind, reason.ToString(), "Scale", verdict.Message));
        }

        return verdict.Replicas != scaled.Model.Spec.Replicas;
    }

    private static bool Same(IReadOnlyDictionary<string, int> left, IReadOnlyDictionary<string, int> right) =>
        left.Count == right.Count && left.All(entry => right.TryGetValue(entry.Key, out var other) && other == entry.Value);

    private sealed record Look(long At, ScalingMemory Memory, QueuePressure Pressure, IReadOnlyDictionary<string, int> Wanted)
    {
        /// <summary>Version of the model that the last change of replicas was written over.</summary>
        public string? Overwritten { get; init; }

        public static readonly Look First = new(0, ScalingMemory.Empty, QueuePressure.None, ImmutableDictionary<string, int>.Empty);
    }
}
