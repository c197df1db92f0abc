using System.Collections.Concurrent;

namespace AttentionOperator.Tokenization.Models;

/// <summary>
/// Tokens of recent words. Two generations bound the size: when the young one is full it becomes the old one, and what is still in use moves back.
/// </summary>
internal sealed class WordCache(int capacity = 16_384)
{
    /// <summary>Longer words are rarely seen twice; the limit also keeps positions in a byte.</summary>
    public const int LongestWord = 64;

    private readonly Lock rotation = new();
    private volatile Generation young = new();
    private volatile Generation old = new();

    public bool TryGet(ReadOnlySpan<char> word, out CachedWord cached)
    {
        if (young.Lookup.TryGetValue(word, out cached!))
            return true;
        if (!old.Lookup.TryGetValue(word, out cached!))
            return false;
        Add(word, cached);
        return true;
    }

    public void Add(ReadOnlySpan<char> word, CachedWord cached)
    {
        var generation = young;
        if (!generation.Words.TryAdd(word.ToString(), cached) || Interlocked.Increment(ref generation.Count) < capacity)
            return;
        lock (rotation)
        {
            if (young != generation)
                return;
            old = generation;
            young = new Generation();
        }
    }

    private sealed class Generation
    {
        public readonly ConcurrentDictionary<string, CachedWord> Words = new(StringComparer.Ordinal);
        public readonly ConcurrentDictionary<string, CachedWord>.AlternateLookup<ReadOnlySpan<char>> Lookup;
        public int Count;

        public Generation() => Lookup = Words.GetAlternateLookup<ReadOnlySpan<char>>();
    }
}
