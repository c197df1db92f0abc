using System.Numerics;

namespace AttentionOperator.Inference.Sampling;

/// <summary>Reductions over one row of logits; vectorised where the order of additions does not matter to the result.</summary>
internal static class RowMath
{
    /// <summary>Largest value; NaN where any value is NaN.</summary>
    public static float Max(ReadOnlySpan<float> row)
    {
        var width = Vector<float>.Count;
        var max = float.NegativeInfinity;
        var i = 0;
        if (row.Length >= width)
        {
            var best = new Vector<float>(row);
            for (i = width; i <= row.Length - width; i += width) best = Vector.Max(best, new Vector<float>(row[i..]));
            for (var lane = 0; lane < width; lane++) max = MathF.Max(max, best[lane]);
        }

        for (; i < row.Length; i++) max = MathF.Max(max, row[i]);
        return max;
    }

    /// <summary>Lowest id of the largest value; −1 where a value is NaN or none is finite.</summary>
    public static int ArgMax(ReadOnlySpan<float> row)
    {
        var max = Max(row);
        if (!float.IsFinite(max)) return -1;
        var width = Vector<float>.Count;
        var wanted = new Vector<float>(max);
        var i = 0;
        while (i <= row.Length - width && !Vector.EqualsAny(new Vector<float>(row[i..]), wanted)) i += width;
        while (row[i] != max) i++;
        return i;
    }

    /// <summary>Σ exp(x − max), added up in order of ids so that the result does not depend on the vector width.</summary>
    public static double SumOfExponentials(ReadOnlySpan<float> row, float max)
    {
        double sum = 0;
        Span<float> block = stackalloc float[256];
        for (var start = 0; start < row.Length; start += block.Length)
        {
            var part = row.Slice(start, Math.Min(block.Length, row.Length - start));
            Exponentials(part, max, block);
            for (var i = 0; i < part.Length; i++) sum += block[i];
        }

        return sum;
    }

    /// <summary>exp(x − max) of every value.</summary>
    public static void Exponentials(ReadOnlySpan<float> row, float max, Span<float> output)
    {
        var width = Vector<float>.Count;
        var shift = new Vector<float>(max);
        var i = 0;
        for (; i <= row.Length - width; i += width) Vector.Exp(new Vector<float>(row[i..]) - shift).CopyTo(output[i..]);
        for (; i < row.Length; i++) output[i] = MathF.Exp(row[i] - max);
    }

    /// <summary>The k-th largest value, by a heap of the k largest seen so far.</summary>
    public static float Largest(ReadOnlySpan<float> row, int k, Span<float> scratch)
    {
        var heap = scratch[..k];
        row[..k].CopyTo(heap);
        for (var i = (k / 2) - 1; i >= 0; i--) Sink(heap, i);
        foreach (var value in row[k..])
        {
            if (value <= heap[0]) continue;
            heap[0] = value;
            Sink(heap, 0);
        }

        return heap[0];
    }

    private static void Sink(Span<float> heap, int parent)
    {
        while (true)
        {
            var child = (2 * parent) + 1;
            if (child >= heap.Length) return;
            if (child + 1 < heap.Length && heap[child + 1] < heap[child]) child++;
            if (heap[parent] <= heap[child]) return;
            (heap[parent], heap[child]) = (heap[child], heap[parent]);
            parent = child;
        }
    }
}
