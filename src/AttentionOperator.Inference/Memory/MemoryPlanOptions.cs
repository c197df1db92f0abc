using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Inference.Memory;

/// <summary>How the model will be run.</summary>
public sealed record MemoryPlanOptions
{
    public Precision Precision { get; init; } = Precision.Auto;

    public bool Cuda { get; init; }

    public ExecutorKind Executor { get; init; } = ExecutorKind.Auto;

    /// <summary>Arithmetic threads; null = the container's CPU limit.</summary>
    public int? Threads { get; init; }
}
