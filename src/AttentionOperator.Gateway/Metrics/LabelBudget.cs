using System.Collections.Concurrent;

namespace AttentionOperator.Gateway.Metrics;

/// <summary>Bounds the number of values of a label: the first so many keep their name, the rest share one.</summary>
internal sealed class LabelBudget<T>(int most, T other)
    where T : notnull
{
    private readonly ConcurrentDictionary<T, byte> _known = new();

    public T Of(T value)
    {
        if (_known.ContainsKey(value)) return value;
        // Two callers may overshoot the bound by one each; it guards memory, not a count.
        return _known.Count < most && _known.TryAdd(value, 0) ? value : other;
    }
}
