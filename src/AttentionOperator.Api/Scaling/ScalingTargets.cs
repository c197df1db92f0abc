using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Api.Scaling;

/// <summary>What scaling aims at, with the defaults of <see cref="ScalingSpec"/>.</summary>
/// <param name="QueueDepth">Waiting requests per replica; null: not looked at.</param>
/// <param name="Running">
/// Running requests per replica: four fifths of what one works on at once. Without it, a queue that is empty because the replicas keep up would take away the very
/// replicas that keep up.
/// </param>
/// <param name="GpuUtilization">Accelerator utilisation, 0 to 1; null: not looked at.</param>
public sealed record ScalingTargets(decimal? QueueDepth, decimal Running, decimal? GpuUtilization)
{
    /// <summary>Waiting requests per replica where the spec names no target.</summary>
    public const int DefaultQueueDepth = 4;

    private const decimal Busy = 0.8m;

    public static ScalingTargets Of(AttentionModelSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var scaling = spec.Scaling;
        return new ScalingTargets(
            scaling?.QueueDepthPerReplica ?? (scaling?.GpuUtilization is null ? DefaultQueueDepth : null),
            Math.Max(1, spec.Batching.MaxSequences) * Busy,
            scaling?.GpuUtilization is { } percent ? percent / 100m : null);
    }
}
