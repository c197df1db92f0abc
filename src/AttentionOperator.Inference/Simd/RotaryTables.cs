using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Simd;

/// <summary>The tables of a model's rotary embeddings: one per set of frequencies, however many layers share it.</summary>
internal sealed class RotaryTables : IDisposable
{
    /// <summary>Dynamic scaling has other frequencies for every length; old ones are not asked for again.</summary>
    private const int MaxByLength = 8;

    private readonly List<RotaryTable> _constant = [], _byLength = [];
    private readonly RotaryTable?[] _layers;

    public RotaryTables(StackDescription stack)
    {
        _layers = [.. stack.Layers.Select(l => l.Attention.Rotary is { DependsOnLength: false } rotary ? Find(_constant, rotary.Frequencies, rotary.Attenuation) : null)];
    }

    /// <summary>Makes a step's positions available, [0, length).</summary>
    public void Begin(int length)
    {
        foreach (var table in _constant)
            table.Extend(length);
        while (_byLength.Count > MaxByLength)
        {
            _byLength[0].Dispose();
            _byLength.RemoveAt(0);
        }
    }

    /// <summary>The layer's table; null where it rotates nothing, or by the length of the sequence.</summary>
    public RotaryTable? OfLayer(int layer) => _layers[layer];

    /// <summary>For a sequence of this length, with all its positions.</summary>
    public RotaryTable ForLength(RotaryDescription rotary, int length)
    {
        var table = Find(_byLength, rotary.FrequenciesFor(length), rotary.Attenuation);
        table.Extend(length);
        return table;
    }

    public void Dispose()
    {
        foreach (var table in _constant.Concat(_byLength))
            table.Dispose();
    }

    private static RotaryTable Find(List<RotaryTable> tables, IReadOnlyList<float> frequencies, float attenuation)
    {
        foreach (var table in tables)
            if (table.IsFor(frequencies, attenuation))
                return table;
        tables.Add(new RotaryTable(frequencies, attenuation));
        return tables[^1];
    }
}
