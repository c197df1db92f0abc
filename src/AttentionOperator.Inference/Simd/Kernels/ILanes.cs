namespace AttentionOperator.Inference.Simd.Kernels;

/// <summary>
/// A register of float32 lanes. Kernels are written once over this and compiled per width: the JIT specialises generic code for
/// value types, so nothing of the abstraction is left in the loop.
/// </summary>
internal unsafe interface ILanes<TSelf>
    where TSelf : unmanaged, ILanes<TSelf>
{
    static abstract int Count { get; }

    static abstract TSelf Zero { get; }

    static abstract TSelf Broadcast(float value);

    static abstract TSelf Load(float* source);

    /// <summary>Upper halves of float32 values, widened exactly.</summary>
    static abstract TSelf LoadBFloat16(ushort* source);

    /// <summary>Widened exactly, subnormal ones included; infinities and NaN become large finite numbers.</summary>
    static abstract TSelf LoadFloat16(ushort* source);

    /// <summary>left · right + addend, rounded once.</summary>
    static abstract TSelf MultiplyAdd(TSelf left, TSelf right, TSelf addend);

    static abstract TSelf Max(TSelf left, TSelf right);

    static abstract TSelf Abs(TSelf value);

    static abstract TSelf Exp(TSelf value);

    /// <summary>The magnitude of the first with the sign of the second.</summary>
    static abstract TSelf CopySign(TSelf value, TSelf sign);

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator *(TSelf left, TSelf right);

    static abstract TSelf operator /(TSelf left, TSelf right);

    static abstract void Store(TSelf value, float* target);

    /// <summary>Sum of the lanes, in an order that depends on the width alone.</summary>
    static abstract float Sum(TSelf value);

    static abstract float MaxElement(TSelf value);
}
