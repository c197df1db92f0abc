namespace AttentionOperator.InferenceBench.Encoders;

/// <summary>A batch as engines without packing take it: every sequence as long as the longest.</summary>
internal sealed class Padded
{
    public Padded(int[][] sequences)
    {
        (Count, Length) = (sequences.Length, sequences.Max(s => s.Length));
        Ids = new long[Count * Length];
        Lengths = [.. sequences.Select(s => s.Length)];
        for (var i = 0; i < Count; i++)
            for (var t = 0; t < sequences[i].Length; t++)
                Ids[i * Length + t] = sequences[i][t];
    }

    public int Count { get; }

    public int Length { get; }

    /// <summary>[count, length], zero in the padding.</summary>
    public long[] Ids { get; }

    public int[] Lengths { get; }

    /// <summary>[count, length]: 1 of a token, 0 of padding.</summary>
    public int[] Mask() => [.. Enumerable.Range(0, Count * Length).Select(i => i % Length < Lengths[i / Length] ? 1 : 0)];

    /// <summary>The mean of each sequence's own rows of [count, length, hidden].</summary>
    public float[] Means(ReadOnlySpan<float> hidden)
    {
        var width = hidden.Length / Count / Length;
        var means = new float[Count * width];
        for (var i = 0; i < Count; i++)
        {
            var mean = means.AsSpan(i * width, width);
            for (var t = 0; t < Lengths[i]; t++)
                System.Numerics.Tensors.TensorPrimitives.Add(mean, hidden.Slice((i * Length + t) * width, width), mean);
            System.Numerics.Tensors.TensorPrimitives.Divide(mean, Lengths[i], mean);
        }

        return means;
    }
}
