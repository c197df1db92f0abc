namespace AttentionOperator.Runtime.Serving;

/// <summary>Small vector arithmetic of answers.</summary>
internal static class Vectors
{
    private const float UnitTolerance = 1e-3f;

    /// <summary>Mean of the chunks' vectors, weighted by their tokens; of unit length where all chunks are.</summary>
    public static float[] Pool(IReadOnlyList<float[]> vectors, IReadOnlyList<int> weights)
    {
        if (vectors.Count == 1) return vectors[0];
        var pooled = new float[vectors[0].Length];
        double total = weights.Sum();
        for (var i = 0; i < vectors.Count; i++)
        {
            var share = (float)(weights[i] / total);
            for (var d = 0; d < pooled.Length; d++) pooled[d] += share * vectors[i][d];
        }

        if (vectors.All(v => Math.Abs(Length(v) - 1) < UnitTolerance)) Normalise(pooled);
        return pooled;
    }

    /// <summary>The first components, of unit length again (Matryoshka embeddings).</summary>
    public static float[] Shorten(float[] vector, int dimensions)
    {
        if (dimensions >= vector.Length) return vector;
        var shorter = vector[..dimensions];
        Normalise(shorter);
        return shorter;
    }

    public static float[] Softmax(ReadOnlySpan<float> logits)
    {
        var result = logits.ToArray();
        var max = float.NegativeInfinity;
        foreach (var x in result) max = Math.Max(max, x);
        double sum = 0;
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = MathF.Exp(result[i] - max);
            sum += result[i];
        }

        for (var i = 0; i < result.Length; i++) result[i] = (float)(result[i] / sum);
        return result;
    }

    public static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));

    private static double Length(float[] vector) => Math.Sqrt(vector.Sum(x => (double)x * x));

    private static void Normalise(float[] vector)
    {
        var length = Length(vector);
        if (length <= 0) return;
        for (var d = 0; d < vector.Length; d++) vector[d] = (float)(vector[d] / length);
    }
}
