using System.Text.Json;
using AttentionOperator.Inference.Execution.Torch;
using TorchSharp;

namespace AttentionOperator.Fidelity;

/// <summary>Collects the last token's hidden state after the embedding and after every layer.</summary>
internal sealed class HiddenTrace
{
    private readonly SortedDictionary<int, float[]> _states = [];

    public void Attach(TorchOperations operations) => operations.Observer = (index, hidden) =>
    {
        using var scope = torch.NewDisposeScope();
        _states[index] = hidden.select(0, -1).to_type(torch.ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
    };

    public void Compare(FixtureReport report, JsonElement values, string where)
    {
        var expected = values.EnumerateArray().ToArray();
        report.Same("hidden trace length", _states.Count, expected.Length, where);
        foreach (var (index, state) in _states.Where(s => s.Key < expected.Length))
        {
            report.Close("hidden l2", Math.Sqrt(state.Sum(v => (double)v * v)), expected[index].GetProperty("l2").GetDouble(), Tolerance.Value, $"{where}[{index}]");
            report.Close("hidden", state.AsSpan(0, Math.Min(8, state.Length)), expected[index].Floats("first8"), Tolerance.Value, $"{where}[{index}]");
        }
    }
}
