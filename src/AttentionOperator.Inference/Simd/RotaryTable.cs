using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Simd;

/// <summary>Cosines and sines of positions for one set of frequencies; kept between steps and extended by what is new.</summary>
internal sealed unsafe class RotaryTable(IReadOnlyList<float> frequencies, float attenuation) : IDisposable
{
    private readonly NativeBuffer _angles = new();
    private int _positions;

    public int Pairs => frequencies.Count;

    public bool IsFor(IReadOnlyList<float> others, float factor) => attenuation == factor && (ReferenceEquals(others, frequencies) || Same(others));

    /// <summary>Makes positions [0, count) available.</summary>
    public void Extend(int count)
    {
        if (count <= _positions)
            return;
        var width = 2L * Pairs;
        if (count * width * sizeof(float) > _angles.Length)
        {
            // Twice as many, so that a growing sequence does not compute everything at every step.
            _angles.ReserveFloats(Math.Max(count, 2L * _positions) * width);
            _positions = 0;
        }

        for (var position = _positions; position < count; position++)
        {
            var row = _angles.Floats + position * width;
            for (var i = 0; i < Pairs; i++)
            {
                var (sin, cos) = MathF.SinCos(position * frequencies[i]);
                (row[i], row[Pairs + i]) = (cos * attenuation, sin * attenuation);
            }
        }

        _positions = count;
    }

    /// <summary>[<see cref="Pairs"/>] cosines, then as many sines.</summary>
    public float* Angles(int position) => _angles.Floats + position * 2L * Pairs;

    public void Dispose() => _angles.Dispose();

    private bool Same(IReadOnlyList<float> others)
    {
        if (others.Count != frequencies.Count)
            return false;
        for (var i = 0; i < others.Count; i++)
            if (others[i] != frequencies[i])
                return false;
        return true;
    }
}
