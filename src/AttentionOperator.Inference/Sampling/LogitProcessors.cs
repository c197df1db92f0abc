using System.Numerics;

namespace AttentionOperator.Inference.Sampling;

/// <summary>
/// The usual changes to a row of logits [V], in place; removed entries become −∞. Semantics are those of the common reference implementation
/// (ties at the top-k boundary stay, top-p keeps the token that crosses the limit). No method allocates.
/// </summary>
public static class LogitProcessors
{
    /// <summary>Divides positive and multiplies negative logits of ids that occurred; each id once, however often it occurred.</summary>
    public static void RepetitionPenalty(Span<float> logits, int id, float penalty)
    {
        ref var logit = ref logits[id];
        logit = logit > 0 ? logit / penalty : logit * penalty;
    }

    /// <summary>Subtracts <paramref name="frequency"/> per occurrence in the output, and <paramref name="presence"/> once.</summary>
    public static void OccurrencePenalty(Span<float> logits, int id, int occurrences, float frequency, float presence) =>
        logits[id] -= (occurrences * frequency) + presence;

    /// <summary>Removes every token that would repeat an n-gram of <paramref name="context"/>.</summary>
    public static void NoRepeatNgram(Span<float> logits, ReadOnlySpan<int> context, int size)
    {
        if (size < 1 || context.Length < size) return;
        var tail = context[^(size - 1)..];
        for (var start = 0; start + size <= context.Length; start++)
            if (context.Slice(start, size - 1).SequenceEqual(tail)) logits[context[start + size - 1]] = float.NegativeInfinity;
    }

    public static void Temperature(Span<float> logits, float temperature)
    {
        var width = Vector<float>.Count;
        var i = 0;
        for (; i <= logits.Length - width; i += width) (new Vector<float>(logits[i..]) / new Vector<float>(temperature)).CopyTo(logits[i..]);
        for (; i < logits.Length; i++) logits[i] /= temperature;
    }

    /// <summary>Keeps what is at least the k-th largest logit.</summary>
    /// <param name="logits">[V].</param>
    /// <param name="k">0 = all.</param>
    /// <param name="scratch">At least as long as the logits.</param>
    public static void TopK(Span<float> logits, int k, Span<float> scratch)
    {
        if (k <= 0 || k >= logits.Length) return;
        RemoveBelow(logits, RowMath.Largest(logits, k, scratch));
    }

    /// <summary>Keeps the smallest set of most likely tokens whose probability reaches <paramref name="p"/>; at least one.</summary>
    /// <param name="logits">[V].</param>
    /// <param name="p">1 = all.</param>
    /// <param name="values">Scratch, at least as long as the logits.</param>
    /// <param name="ids">Scratch, at least as long as the logits.</param>
    public static void TopP(Span<float> logits, float p, Span<float> values, Span<int> ids)
    {
        if (p >= 1) return;
        var max = RowMath.Max(logits);
        if (!float.IsFinite(max)) return;
        var wanted = p * RowMath.SumOfExponentials(logits, max);

        // Most of the mass sits in few logits near the maximum: sorting those is enough wherever they reach p.
        for (var depth = 8f; ; depth *= 2)
        {
            var (count, mass) = Gather(logits, max, depth, values, ids);
            if (mass < wanted && depth < 1024) continue;
            values[..count].Sort(ids[..count]);
            double before = 0;
            var removed = count;
            do
            {
                removed--;
                before += Math.Exp(values[removed] - max);
            }
            while (removed > 0 && before < wanted);

            for (var i = 0; i < removed; i++) logits[ids[i]] = float.NegativeInfinity;
            RemoveBelow(logits, max - depth);
            return;
        }
    }

    /// <summary>Removes tokens less likely than <paramref name="minP"/> times the most likely one.</summary>
    public static void MinP(Span<float> logits, float minP)
    {
        if (minP <= 0) return;
        // p < minP · pmax is logit < max + ln minP: no softmax needed.
        RemoveBelow(logits, RowMath.Max(logits) + MathF.Log(minP));
    }

    /// <summary>Removes every id whose bit in <paramref name="allowed"/> is 0.</summary>
    public static void Mask(Span<float> logits, ReadOnlySpan<ulong> allowed)
    {
        for (var word = 0; word << 6 < logits.Length; word++)
        {
            var removed = word < allowed.Length ? ~allowed[word] : ulong.MaxValue;
            for (; removed != 0; removed &= removed - 1)
            {
                var id = (word << 6) + BitOperations.TrailingZeroCount(removed);
                if (id >= logits.Length) break;
                logits[id] = float.NegativeInfinity;
            }
        }
    }

    private static (int Count, double Mass) Gather(ReadOnlySpan<float> logits, float max, float depth, Span<float> values, Span<int> ids)
    {
        var count = 0;
        double mass = 0;
        var floor = max - depth;
        for (var i = 0; i < logits.Length; i++)
        {
            if (logits[i] < floor) continue;
            values[count] = logits[i];
            ids[count++] = i;
            mass += Math.Exp(logits[i] - max);
        }

        return (count, mass);
    }

    private static void RemoveBelow(Span<float> logits, float floor)
    {
        var width = Vector<float>.Count;
        var limit = new Vector<float>(floor);
        var removed = new Vector<float>(float.NegativeInfinity);
        var i = 0;
        for (; i <= logits.Length - width; i += width)
        {
            var row = new Vector<float>(logits[i..]);
            Vector.ConditionalSelect(Vector.LessThan(row, limit), removed, row).CopyTo(logits[i..]);
        }

        for (; i < logits.Length; i++)
            if (logits[i] < floor) logits[i] = float.NegativeInfinity;
    }
}
