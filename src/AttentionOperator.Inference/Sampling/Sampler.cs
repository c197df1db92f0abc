namespace AttentionOperator.Inference.Sampling;

/// <summary>
/// Takes one token from a row of logits. The result depends on the row, the request's own state and the index of the token only. Owns scratch
/// for one row; one instance per engine thread.
/// </summary>
internal sealed class Sampler(int vocabularySize)
{
    private readonly float[] row = new float[vocabularySize];
    private readonly float[] values = new float[vocabularySize];
    private readonly int[] ids = new int[vocabularySize];

    /// <param name="logits">[V]; stays as it is.</param>
    /// <param name="state">Penalties and parameters of the request.</param>
    /// <param name="context">The decoder's context, for n-gram rules.</param>
    /// <param name="allowed">Bit per id; empty = all.</param>
    /// <param name="forbidden">Ids that may not come now (stop ids before the minimum length).</param>
    /// <param name="index">Index of the token in the request's output.</param>
    /// <returns>The id, or −1 where nothing can be taken: a logit is not a number, or all are removed.</returns>
    public int Sample(
        ReadOnlySpan<float> logits, SamplingState state, ReadOnlySpan<int> context, ReadOnlySpan<ulong> allowed, IReadOnlyList<int>? forbidden, int index)
    {
        if (state.LeavesLogits && allowed.IsEmpty && forbidden is null) return RowMath.ArgMax(logits);

        var parameters = state.Parameters;
        logits.CopyTo(row);
        state.ApplyPenalties(row);
        if (parameters.NoRepeatNgramSize > 0) LogitProcessors.NoRepeatNgram(row, context, parameters.NoRepeatNgramSize);
        if (!allowed.IsEmpty) LogitProcessors.Mask(row, allowed);
        if (forbidden is not null)
            for (var i = 0; i < forbidden.Count; i++)
                if ((uint)forbidden[i] < (uint)row.Length) row[forbidden[i]] = float.NegativeInfinity;
        if (state.Greedy) return RowMath.ArgMax(row);

        if (parameters.Temperature != 1) LogitProcessors.Temperature(row, parameters.Temperature);
        LogitProcessors.TopK(row, parameters.TopK, values);
        LogitProcessors.TopP(row, parameters.TopP, values, ids);
        LogitProcessors.MinP(row, parameters.MinP);
        return Draw(CounterRandom.Uniform(state.Seed, index));
    }

    /// <summary>Inverse of the cumulative distribution, in order of ids.</summary>
    private int Draw(double uniform)
    {
        var max = RowMath.Max(row);
        if (!float.IsFinite(max)) return -1;
        RowMath.Exponentials(row, max, values);
        double total = 0;
        foreach (var weight in values) total += weight;
        var left = uniform * total;
        var last = -1;
        for (var id = 0; id < values.Length; id++)
        {
            if (values[id] <= 0) continue;
            last = id;
            left -= values[id];
            if (left < 0) break;
        }

        return last;
    }
}
