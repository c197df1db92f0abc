using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AttentionOperator.Inference.Simd.Kernels;

/// <summary>float32 rows → <see cref="QuantizedRows"/>, symmetric, −127…127 by the largest magnitude of the group.</summary>
internal static unsafe class ActivationQuantizer
{
    private const int GroupSize = QuantizedRows.GroupSize;

    /// <summary>Rows [first, last).</summary>
    public static void Run(RowsView x, int columns, QuantizedRows target, int first, int last)
    {
        var padded = stackalloc float[GroupSize];
        for (var row = first; row < last; row++)
        {
            var source = x.Row(row);
            var data = target.Row(row);
            for (var g = 0; g < target.Groups; g++)
            {
                var group = source + g * GroupSize;
                var count = columns - g * GroupSize;
                if (count < GroupSize)
                {
                    new Span<float>(padded, GroupSize).Clear();
                    new Span<float>(group, count).CopyTo(new Span<float>(padded, GroupSize));
                    group = padded;
                }

                var index = (nint)row * target.Groups + g;
                Group(group, data + g * GroupSize, out target.Scales[index], out target.Sums[index]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Group(float* source, sbyte* target, out float scale, out float sum)
    {
        var (v0, v1, v2, v3) = (Vector256.Load(source), Vector256.Load(source + 8), Vector256.Load(source + 16), Vector256.Load(source + 24));
        var most = Vector256.Max(Vector256.Max(Vector256.Abs(v0), Vector256.Abs(v1)), Vector256.Max(Vector256.Abs(v2), Vector256.Abs(v3)));
        var half = Vector128.Max(most.GetLower(), most.GetUpper());
        var max = MathF.Max(MathF.Max(half[0], half[1]), MathF.Max(half[2], half[3]));
        scale = max / 127;
        var factor = Vector256.Create(max > 0 && float.IsFinite(max) ? 127 / max : 0);
        var (i0, i1, i2, i3) = (Nearest(v0 * factor), Nearest(v1 * factor), Nearest(v2 * factor), Nearest(v3 * factor));
        sum = scale * Vector256.Sum(i0 + i1 + (i2 + i3));
        Vector256.Narrow(Vector256.Narrow(i0, i1), Vector256.Narrow(i2, i3)).Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Nearest(Vector256<float> value) => Vector256.ConvertToInt32(Vector256.Round(value));
}
