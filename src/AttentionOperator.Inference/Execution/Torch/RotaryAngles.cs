using AttentionOperator.Inference.Models.Descriptions;
using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>Cosines and sines of the tokens of one step, computed once for all layers that rotate alike.</summary>
internal sealed class RotaryAngles(torch.Device device) : IDisposable
{
    private readonly List<(IReadOnlyList<float> Frequencies, float Attenuation, torch.Tensor Cos, torch.Tensor Sin)> _step = [];
    private readonly List<(torch.Tensor Half, torch.Tensor Cos, torch.Tensor Sin)> _whole = [];
    private float[] _cos = [], _sin = [];

    /// <summary>Forgets the last step.</summary>
    public void Reset()
    {
        foreach (var (_, _, cos, sin) in _step)
        {
            cos.Dispose();
            sin.Dispose();
        }

        _step.Clear();
        foreach (var (_, cos, sin) in _whole)
        {
            cos.Dispose();
            sin.Dispose();
        }

        _whole.Clear();
    }

    /// <summary>For <see cref="TorchMath.RotateWhole"/>: [tokens, 1, 2·pairs] each, kept until <see cref="Reset"/>.</summary>
    public (torch.Tensor Cos, torch.Tensor Sin) WholeOfStep(RotaryDescription rotary, List<int> positions)
    {
        var (cos, sin) = OfStep(rotary, positions);
        foreach (var (half, c, s) in _whole)
            if (ReferenceEquals(half, cos))
                return (c, s);
        using var negative = sin.neg();
        var whole = (Half: cos, Cos: torch.cat([cos, cos], 2).DetachFromDisposeScope(), Sin: torch.cat([negative, sin], 2).DetachFromDisposeScope());
        _whole.Add(whole);
        return (whole.Cos, whole.Sin);
    }

    /// <summary>[tokens, 1, pairs] each, kept until <see cref="Reset"/>.</summary>
    public (torch.Tensor Cos, torch.Tensor Sin) OfStep(RotaryDescription rotary, List<int> positions)
    {
        foreach (var (frequencies, attenuation, c, s) in _step)
            if (attenuation == rotary.Attenuation && (ReferenceEquals(frequencies, rotary.Frequencies) || frequencies.SequenceEqual(rotary.Frequencies)))
                return (c, s);
        var (cos, sin) = Compute(rotary.Frequencies, rotary.Attenuation, positions);
        _step.Add((rotary.Frequencies, rotary.Attenuation, cos.DetachFromDisposeScope(), sin.DetachFromDisposeScope()));
        return (cos, sin);
    }

    /// <summary>Angles for positions of one sequence whose frequencies depend on its length; in the current dispose scope.</summary>
    public (torch.Tensor Cos, torch.Tensor Sin) OfSequence(RotaryDescription rotary, int start, int count, int sequenceLength) =>
        Compute(rotary.FrequenciesFor(sequenceLength), rotary.Attenuation, Enumerable.Range(start, count).ToList());

    public void Dispose() => Reset();

    private (torch.Tensor Cos, torch.Tensor Sin) Compute(IReadOnlyList<float> frequencies, float attenuation, List<int> positions)
    {
        var pairs = frequencies.Count;
        var size = positions.Count * pairs;
        if (_cos.Length < size)
            (_cos, _sin) = (new float[size], new float[size]);
        for (var t = 0; t < positions.Count; t++)
        {
            for (var i = 0; i < pairs; i++)
            {
                var (sin, cos) = MathF.SinCos(positions[t] * frequencies[i]);
                (_cos[t * pairs + i], _sin[t * pairs + i]) = (cos * attenuation, sin * attenuation);
            }
        }

        torch.Tensor Make(float[] values) => torch.tensor(values.AsMemory(0, size), [positions.Count, 1, pairs], device: device);
        return (Make(_cos), Make(_sin));
    }
}
