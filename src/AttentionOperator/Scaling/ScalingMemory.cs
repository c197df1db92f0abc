using System.Collections.Immutable;

namespace AttentionOperator.Scaling;

/// <summary>What one look at a model's load leaves for the next. It is not kept over a restart: then nothing is taken away until it is known again that nothing is needed.</summary>
internal sealed record ScalingMemory
{
    public static readonly ScalingMemory Empty = new();

    public LoadWindow Load { get; init; } = LoadWindow.Empty;

    /// <summary>Recommendations of the past, for stabilization.</summary>
    public ImmutableList<(DateTimeOffset At, int Replicas)> Recommendations { get; init; } = [];

    /// <summary>Changes, also those that others made.</summary>
    public ImmutableList<ReplicaChange> Changes { get; init; } = [];

    /// <summary>Replicas at the last look; null before the first.</summary>
    public int? Replicas { get; init; }

    /// <summary>When the load last rose above what panics.</summary>
    public DateTimeOffset? PanickedAt { get; init; }

    /// <summary>Since when there are replicas: the idle time does not begin before.</summary>
    public DateTimeOffset? AwakeSince { get; init; }

    /// <summary>Since when the load is not known; null while it is.</summary>
    public DateTimeOffset? UnknownSince { get; init; }

    /// <summary>After a change was made: it counts from then on, also where a hand takes it back before the next look could see it.</summary>
    public ScalingMemory After(ReplicaChange change) => this with { Changes = Changes.Add(change), Replicas = change.To };
}
