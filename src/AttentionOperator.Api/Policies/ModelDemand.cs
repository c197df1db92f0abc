using AttentionOperator.Api.Rollouts;
using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Api.Policies;

/// <summary>What one model of a namespace holds and asks for.</summary>
public sealed record ModelDemand
{
    public required string Name { get; init; }

    /// <summary>Older models go first where not all fit.</summary>
    public DateTime CreatedAt { get; init; }

    /// <summary>Replicas that the spec asks for.</summary>
    public required int Wanted { get; init; }

    /// <summary>Further replicas that a rollout, or the replacement of a replica, asks for at most.</summary>
    public int Surge { get; init; }

    /// <summary>Replicas that take place now, those of rollouts and leaving ones included.</summary>
    public int Held { get; init; }

    /// <summary>Name that its accelerators are counted under; null: it uses none.</summary>
    public string? Accelerator { get; init; }

    public int AcceleratorsPerReplica { get; init; }

    /// <summary>Null: no price is known.</summary>
    public decimal? CostPerReplicaHour { get; init; }

    /// <summary>What a model asks for by its spec and holds by its status.</summary>
    public static ModelDemand Of(AttentionModel model, IReadOnlyList<NamedPolicy> policies)
    {
        ArgumentNullException.ThrowIfNull(model);
        var accelerator = model.Spec.Resources.Accelerator;
        return new ModelDemand
        {
            Name = model.Metadata.Name,
            CreatedAt = model.Metadata.CreationTimestamp ?? DateTime.MaxValue,
            Wanted = model.Spec.Replicas,
            Surge = SurgeOf(model.Spec),
            Held = Math.Max(model.Status?.Replicas ?? 0, model.Status?.Revisions?.Sum(revision => revision.Replicas) ?? 0),
            Accelerator = accelerator?.CountedAs(),
            AcceleratorsPerReplica = accelerator?.Count ?? 0,
            CostPerReplicaHour = ModelCost.PerReplicaHour(model.Spec, policies),
        };
    }

    private static int SurgeOf(AttentionModelSpec spec)
    {
        try
        {
            return RolloutBudget.Of(spec.Rollout, spec.Replicas).Surge;
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return 0; // A spec that is invalid moves nothing.
        }
    }
}
