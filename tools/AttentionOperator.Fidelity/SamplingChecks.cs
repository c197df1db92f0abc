using System.Text.Json;
using AttentionOperator.Inference.Sampling;

namespace AttentionOperator.Fidelity;

/// <summary>The README's demands on logit processors: applied in the file's order, each only where the case has its parameter.</summary>
internal static class SamplingChecks
{
    public static void Run(FixtureReport report, JsonElement golden)
    {
        var order = golden.GetProperty("order").EnumerateArray().Select(o => o.GetString()!).ToArray();
        foreach (var (test, index) in golden.Items("cases").Select((c, i) => (c, i)))
        {
            var (logits, previous) = (test.Floats("logits"), test.Ints("previous_ids"));
            var parameters = test.GetProperty("params");
            foreach (var name in order)
                if (parameters.Find(name) is { } value)
                    Apply(name, value, logits, previous);
            foreach (var parameter in parameters.EnumerateObject().Where(p => !order.Contains(p.Name)))
                report.Fail($"case {index}: parameter {parameter.Name} is not in the order");

            var expected = test.Floats("processed");
            var max = RowMath.Max(logits);
            var sum = RowMath.SumOfExponentials(logits, max);
            var probabilities = logits.Select(l => (float)(Math.Exp(l - max) / sum)).ToArray();
            report.Close("processed", logits, expected, Tolerance.Unit, $"case {index}");
            report.Close("probabilities", probabilities, test.Floats("probabilities"), Tolerance.Unit, $"case {index}");
            report.Same("kept", logits.Count(float.IsFinite), test.GetProperty("kept").GetInt32(), $"case {index}");
        }
    }

    private static void Apply(string name, JsonElement value, float[] logits, int[] previous)
    {
        switch (name)
        {
            case "repetition_penalty":
                foreach (var id in previous.Distinct())
                    LogitProcessors.RepetitionPenalty(logits, id, value.GetSingle());
                break;
            case "no_repeat_ngram_size":
                LogitProcessors.NoRepeatNgram(logits, previous, value.GetInt32());
                break;
            case "temperature":
                LogitProcessors.Temperature(logits, value.GetSingle());
                break;
            case "top_k":
                LogitProcessors.TopK(logits, value.GetInt32(), new float[logits.Length]);
                break;
            case "top_p":
                LogitProcessors.TopP(logits, value.GetSingle(), new float[logits.Length], new int[logits.Length]);
                break;
            case "min_p":
                LogitProcessors.MinP(logits, value.GetSingle());
                break;
            default:
                throw new NotSupportedException($"processor {name} is not known");
        }
    }
}
