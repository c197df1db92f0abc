using System.Collections.Concurrent;

namespace AttentionOperator.Kube.Objects;

/// <summary>Shares equal strings between cached objects: ten thousand objects repeat the same few label keys, kinds and namespaces.</summary>
internal sealed class StringPool
{
    // Values that are unique per object must not turn the pool into a leak: when it is full, it starts again.
    private const int Limit = 32_768;
    private readonly ConcurrentDictionary<string, string> strings = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> bySpan;
    private int count;

    public StringPool() => bySpan = strings.GetAlternateLookup<ReadOnlySpan<char>>();

    public static StringPool Shared { get; } = new();

    public string Get(string value)
    {
        if (value.Length > 128)
        {
            return value;
        }

        if (strings.TryGetValue(value, out string? known))
        {
            return known;
        }

        MakeRoom();
        return strings.GetOrAdd(value, value);
    }

    public string Get(ReadOnlySpan<char> value)
    {
        if (value.Length > 128)
        {
            return value.ToString();
        }

        return bySpan.TryGetValue(value, out string? known) ? known : Get(value.ToString());
    }

    private void MakeRoom()
    {
        if (Interlocked.Increment(ref count) > Limit)
        {
            strings.Clear();
            Volatile.Write(ref count, 0);
        }
    }
}
