using System.Text.Json;
using AttentionOperator.Inference.Probes;

namespace AttentionOperator.Fidelity;

internal static class EntropyChecks
{
    /// <summary>Every row was asked for: the means must be the reference's [layers][heads].</summary>
    public static void Compare(FixtureReport report, AttentionEntropy entropy, JsonElement values, string where)
    {
        var expected = values.EnumerateArray().Select(l => l.Floats()).ToArray();
        report.Same("entropy layers", entropy.LayerCount, expected.Length, where);
        for (var layer = 0; layer < Math.Min(entropy.LayerCount, expected.Length); layer++)
            report.Close("entropy", [.. entropy.MeanByHead(layer).Select(h => (float)h)], expected[layer], Tolerance.Value, $"{where}[{layer}]");
    }
}
