using System.Text.Json;
using AttentionOperator.Inference.Sampling;

namespace AttentionOperator.Inference.Tests.Sampling;

public sealed class LogitProcessorTests
{
    public static TheoryData<int> GoldenCases()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(GoldenDirectory.Of("sampling"), "golden.json")));
        return [.. Enumerable.Range(0, document.RootElement.GetProperty("cases").GetArrayLength())];
    }

    [Theory]
    [MemberData(nameof(GoldenCases))]
    public void Processors_in_order_give_the_reference(int index)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(GoldenDirectory.Of("sampling"), "golden.json")));
        var example = document.RootElement.GetProperty("cases")[index];
        var parameters = example.GetProperty("params");
        var row = Floats(example.GetProperty("logits"));
        var previous = example.GetProperty("previous_ids").EnumerateArray().Select(e => e.GetInt32()).ToArray();
        var values = new float[row.Length];

        if (parameters.TryGetProperty("repetition_penalty", out var penalty))
            foreach (var id in previous.Distinct()) LogitProcessors.RepetitionPenalty(row, id, penalty.GetSingle());
        if (parameters.TryGetProperty("no_repeat_ngram_size", out var size)) LogitProcessors.NoRepeatNgram(row, previous, size.GetInt32());
        if (parameters.TryGetProperty("temperature", out var temperature)) LogitProcessors.Temperature(row, temperature.GetSingle());
        if (parameters.TryGetProperty("top_k", out var k)) LogitProcessors.TopK(row, k.GetInt32(), values);
        if (parameters.TryGetProperty("top_p", out var p)) LogitProcessors.TopP(row, p.GetSingle(), values, new int[row.Length]);
        if (parameters.TryGetProperty("min_p", out var minP)) LogitProcessors.MinP(row, minP.GetSingle());

        var expected = Floats(example.GetProperty("processed"));
        Assert.Equal(example.GetProperty("kept").GetInt32(), row.Count(float.IsFinite));
        for (var i = 0; i < row.Length; i++)
        {
            if (float.IsFinite(expected[i])) Assert.Equal(expected[i], row[i], 1e-5f);
            else Assert.Equal(expected[i], row[i]);
        }

        var probabilities = Floats(example.GetProperty("probabilities"));
        var max = RowMath.Max(row);
        var sum = RowMath.SumOfExponentials(row, max);
        for (var i = 0; i < row.Length; i++) Assert.Equal(probabilities[i], (float)(Math.Exp(row[i] - max) / sum), 1e-5f);
    }

    [Fact]
    public void Top_p_equals_a_full_sort_for_random_rows()
    {
        var random = new Random(11);
        for (var trial = 0; trial < 300; trial++)
        {
            var row = Enumerable.Range(0, 200).Select(_ => (float)(random.NextDouble() * random.Next(1, 60))).ToArray();
            var p = (float)random.NextDouble();
            var max = row.Max();
            var order = Enumerable.Range(0, row.Length).OrderByDescending(i => row[i]).ToArray();
            var total = row.Sum(x => Math.Exp(x - max));
            var kept = new HashSet<int>();
            double before = 0;
            foreach (var id in order)
            {
                if (kept.Count > 0 && before >= p * total) break;
                kept.Add(id);
                before += Math.Exp(row[id] - max);
            }

            LogitProcessors.TopP(row, p, new float[row.Length], new int[row.Length]);
            Assert.Equal(kept.Order(), Enumerable.Range(0, row.Length).Where(i => float.IsFinite(row[i])));
        }
    }

    [Fact]
    public void Frequency_counts_occurrences_and_presence_counts_once()
    {
        float[] row = [1, 1];
        LogitProcessors.OccurrencePenalty(row, 1, 3, 0.25f, 0.5f);
        Assert.Equal([1f, -0.25f], row);
    }

    [Fact]
    public void Mask_removes_everything_that_is_not_allowed_and_ids_beyond_the_mask()
    {
        var row = new float[130];
        LogitProcessors.Mask(row, [1UL << 3, 1UL << 63]);
        Assert.Equal([3, 127], Enumerable.Range(0, 130).Where(i => float.IsFinite(row[i])));
    }

    private static float[] Floats(JsonElement array) =>
        [.. array.EnumerateArray().Select(e => e.ValueKind == JsonValueKind.Null ? float.NegativeInfinity : e.GetSingle())];
}
