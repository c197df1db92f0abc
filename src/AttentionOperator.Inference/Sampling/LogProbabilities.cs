using AttentionOperator.Inference.Engine;

namespace AttentionOperator.Inference.Sampling;

/// <summary>Log-softmax of single entries of a row.</summary>
internal static class LogProbabilities
{
    /// <param name="logits">[V], as the model gave them.</param>
    /// <param name="token">The token that was taken.</param>
    /// <param name="top">How many of the most likely ones are listed.</param>
    public static TokenLogProb Of(ReadOnlySpan<float> logits, int token, int top)
    {
        var max = RowMath.Max(logits);
        var normaliser = max + Math.Log(RowMath.SumOfExponentials(logits, max));
        var best = new (int TokenId, float LogProb)[Math.Min(top, logits.Length)];
        var count = 0;
        for (var id = 0; id < logits.Length && best.Length > 0; id++)
        {
            if (count == best.Length && logits[id] <= best[count - 1].LogProb) continue;
            if (count < best.Length) count++;
            var place = count - 1;
            for (; place > 0 && logits[id] > best[place - 1].LogProb; place--) best[place] = best[place - 1];
            best[place] = (id, logits[id]);
        }

        for (var i = 0; i < count; i++) best[i].LogProb = (float)(best[i].LogProb - normaliser);
        return new TokenLogProb(token, (float)(logits[token] - normaliser), best);
    }
}
