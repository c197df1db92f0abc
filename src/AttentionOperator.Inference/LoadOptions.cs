using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Inference.Memory;

namespace AttentionOperator.Inference;

/// <summary>How a model is loaded.</summary>
public sealed record LoadOptions
{
    /// <summary>Arithmetic. Auto: float32 on CPU, the stored type on a GPU.</summary>
    public Precision Precision { get; init; } = Precision.Auto;

    /// <summary>What tokens see, where it is not what config.json says; null = as config.json says.</summary>
    public AttentionSpec? Attention { get; init; }

    /// <summary>Compute on the first CUDA device; needs a build with <c>TorchFlavour=Cuda</c>.</summary>
    public bool Cuda { get; init; }

    /// <summary>Also on the CPU, use the kernels that the libtorch executor uses on a GPU; so that they are tested where there is none.</summary>
    internal bool FusedAttention { get; init; }

    /// <summary>What computes the model.</summary>
    public ExecutorKind Executor { get; init; } = ExecutorKind.Auto;

    /// <summary>Arithmetic threads; null = the container's CPU limit.</summary>
    public int? Threads { get; init; }

    /// <summary>The same as the memory plan wants to know it.</summary>
    public MemoryPlanOptions ToPlanOptions() => new() { Precision = Precision, Cuda = Cuda, Executor = Executor, Threads = Threads };
}
