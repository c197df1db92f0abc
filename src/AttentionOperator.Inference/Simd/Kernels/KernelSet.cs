using System.Runtime.Intrinsics;
using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Inference.Weights;

namespace AttentionOperator.Inference.Simd.Kernels;

/// <summary>The kernels that depend on the register width. One virtual call per tile or row.</summary>
internal abstract unsafe class KernelSet
{
    /// <summary>The widest that this processor has.</summary>
    public static KernelSet Best { get; } = Vector512.IsHardwareAccelerated ? new KernelSet<Lanes512>() : new KernelSet<Lanes256>();

    /// <summary>Managed kernels are worth while on this processor.</summary>
    public static bool IsAccelerated => Vector256.IsHardwareAccelerated;

    /// <summary>y[r, n] = Σ x[r, k] w[n, k] for n in [first, last).</summary>
    /// <param name="scratch">Of the calling thread, for widening 16-bit weights once for many rows; null = in registers, for each. The result is the same.</param>
    public abstract void Dot(ElementType type, RowsView x, int columns, StoredView weights, int first, int last, RowsView y, NativeBuffer? scratch = null);

    /// <summary>y[r, c] += Σ x[r, k] w[k, c] for c in [first, last).</summary>
    public abstract void Outer(ElementType type, RowsView x, int inner, byte* weights, nint rowBytes, int first, int last, RowsView y);

    public abstract void Norm(NormKind kind, float* x, float* weight, float* bias, float epsilon, int size, float* target);

    public abstract void Add(float* target, float* x, int size);

    public abstract void Scale(float* target, float factor, int size);

    public abstract void Activate(ActivationKind kind, float* x, float* up, int size);

    public abstract void SoftCap(float* x, float cap, int size);

    public abstract float Exponentials(float* x, int size);

    public abstract void Rotate(float* head, float* angles, int pairs);
}

/// <inheritdoc/>
internal sealed unsafe class KernelSet<TLanes> : KernelSet
    where TLanes : unmanaged, ILanes<TLanes>
{
    public override void Dot(ElementType type, RowsView x, int columns, StoredView weights, int first, int last, RowsView y, NativeBuffer? scratch = null)
    {
        switch (type)
        {
            case ElementType.Float32:
                DotKernel<TLanes, Float32Format>.Run(x, columns, weights, first, last, y, scratch);
                break;
            case ElementType.BFloat16:
                DotKernel<TLanes, BFloat16Format>.Run(x, columns, weights, first, last, y, scratch);
                break;
            default:
                DotKernel<TLanes, Float16Format>.Run(x, columns, weights, first, last, y, scratch);
                break;
        }
    }

    public override void Outer(ElementType type, RowsView x, int inner, byte* weights, nint rowBytes, int first, int last, RowsView y)
    {
        switch (type)
        {
            case ElementType.Float32:
                OuterKernel<TLanes, Float32Format>.Run(x, inner, weights, rowBytes, first, last, y);
                break;
            case ElementType.BFloat16:
                OuterKernel<TLanes, BFloat16Format>.Run(x, inner, weights, rowBytes, first, last, y);
                break;
            default:
                OuterKernel<TLanes, Float16Format>.Run(x, inner, weights, rowBytes, first, last, y);
                break;
        }
    }

    public override void Norm(NormKind kind, float* x, float* weight, float* bias, float epsilon, int size, float* target) =>
        RowKernels<TLanes>.Norm(kind, x, weight, bias, epsilon, size, target);

    public override void Add(float* target, float* x, int size) => RowKernels<TLanes>.Add(target, x, size);

    public override void Scale(float* target, float factor, int size) => RowKernels<TLanes>.Scale(target, factor, size);

    public override void Activate(ActivationKind kind, float* x, float* up, int size) => RowKernels<TLanes>.Activate(kind, x, up, size);

    public override void SoftCap(float* x, float cap, int size) => RowKernels<TLanes>.SoftCap(x, cap, size);

    public override float Exponentials(float* x, int size) => RowKernels<TLanes>.Exponentials(x, size);

    public override void Rotate(float* head, float* angles, int pairs) => RowKernels<TLanes>.Rotate(head, angles, pairs);
}
