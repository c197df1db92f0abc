using AttentionOperator.Children;

namespace AttentionOperator.Nodes;

/// <summary>How replicas that have to leave are replaced.</summary>
internal sealed record HandoverPlan
{
    public static HandoverPlan None { get; } = new();

    /// <summary>Replicas beyond the desired ones, per part of the stable revision, that are there until the leaving ones have gone.</summary>
    public IReadOnlyDictionary<PodCapacity, int> Extra { get; init; } = new Dictionary<PodCapacity, int>();

    /// <summary>Costs of deletion to set on pods, by name; null takes ours away.</summary>
    public IReadOnlyDictionary<string, int?> Costs { get; init; } = new Dictionary<string, int?>();

    /// <summary>Whether there is room for a replica beside the desired ones, so that one that has to leave can be replaced first.</summary>
    public bool CanReplace { get; init; }

    /// <summary>Whether a replacement finds no node: then nobody need wait for it.</summary>
    public bool IsStuck { get; init; }

    /// <summary>What leaves and why; null where nothing does.</summary>
    public Departure? Departure { get; init; }

    /// <summary>Replicas that leave.</summary>
    public int Leaving { get; init; }
}
