using System.Collections.Concurrent;
using System.Collections.Immutable;
using AttentionOperator.Api.Sli;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Values;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Gateway.Slis;

/// <summary>The counters of all models, revisions and objectives of this process.</summary>
internal sealed class SliRegistry(TimeProvider time)
{
    private readonly ConcurrentDictionary<ObjectKey, ModelCounters> _models = new();
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();

    /// <summary>Another process, also a restarted container of the same pod, has another.</summary>
    public string Instance { get; } = Guid.NewGuid().ToString("N");

    public ModelCounters For(ObjectKey model) => _models.GetOrAdd(model, static key => new ModelCounters(key));

    /// <summary>Follows a change of a model's objectives; null: the model is gone and its counters with it.</summary>
    public void Configure(ObjectKey model, SloSpec? slo, bool exists)
    {
        if (exists) For(model).Configure(Definitions(slo));
        else _models.TryRemove(model, out _);
    }

    public SliSnapshot Snapshot() => new()
    {
        Instance = Instance,
        StartedAt = _startedAt,
        Models = [.. _models.Select(m => m.Value.Snapshot())],
    };

    internal static ImmutableArray<ObjectiveDefinition> Definitions(SloSpec? slo) =>
    [
        .. (slo?.Objectives ?? []).Select(o => new ObjectiveDefinition(o.Name, o.Type, Durations.TryParse(o.Threshold, out var threshold) ? threshold : TimeSpan.Zero)),
    ];
}
