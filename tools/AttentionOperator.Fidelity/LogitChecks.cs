using System.Text.Json;

namespace AttentionOperator.Fidelity;

/// <summary>Comparisons of logits that decoders and encoder-decoders share.</summary>
internal static class LogitChecks
{
    /// <summary>golden.json's <c>positions</c>: logits [T, V] against samples, argmax, max, logsumexp and sum of each position.</summary>
    public static void Positions(FixtureReport report, JsonElement positions, float[] logits, int vocabulary, string where)
    {
        var ids = positions.Ints("sample_ids");
        var (samples, argmax) = (positions.GetProperty("sample").EnumerateArray().Select(s => s.Floats()).ToArray(), positions.Ints("argmax"));
        var (max, lse, sum) = (positions.Floats("max"), positions.Floats("logsumexp"), positions.Floats("sum"));
        report.Same("positions", logits.Length / vocabulary, argmax.Length, where);
        for (var t = 0; t < argmax.Length; t++)
        {
            var row = logits.AsSpan(t * vocabulary, vocabulary);
            var at = $"{where}[{t}]";
            for (var i = 0; i < ids.Length; i++)
                report.Close("logits", row[ids[i]], samples[t][i], Tolerance.Value, at);
            var best = DecoderDriver.ArgMax(row);
            report.Same("argmax", best == argmax[t] || row[best] - row[argmax[t]] <= Tolerance.Value, true, $"{at} ({best} for {argmax[t]})");
            report.Close("logits", row[best], max[t], Tolerance.Value, at);
            report.Close("logsumexp", DecoderDriver.LogSumExp(row), lse[t], Tolerance.Value, at);
            double total = 0;
            foreach (var value in row)
                total += value;
            report.Close("sum/V", total / vocabulary, sum[t] / vocabulary, Tolerance.Value, at);
        }
    }

    /// <summary>golden.json's <c>greedy</c>: ids exactly, log-probabilities and margins closely.</summary>
    public static void Greedy(FixtureReport report, JsonElement expected, int[] ids, float[][] logits, string where)
    {
        report.SameList("greedy ids", ids, expected.Ints("new_ids"), where);
        var (logprobs, margins) = (expected.Floats("logprobs"), expected.Floats("margins"));
        for (var i = 0; i < Math.Min(logits.Length, logprobs.Length); i++)
        {
            var row = logits[i];
            var best = DecoderDriver.ArgMax(row);
            report.Close("logprobs", row[best] - DecoderDriver.LogSumExp(row), logprobs[i], Tolerance.Value, $"{where}[{i}]");
            var second = float.NegativeInfinity;
            for (var v = 0; v < row.Length; v++)
                if (v != best)
                    second = Math.Max(second, row[v]);
            report.Close("margins", row[best] - second, margins[i], Tolerance.Value, $"{where}[{i}]");
        }
    }
}
