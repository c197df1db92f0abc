namespace AttentionOperator.Inference.Cache;

/// <summary>Which block holds the keys and values of which chain of tokens. Sized once; never grows past the number of blocks.</summary>
internal sealed class PrefixIndex(int blockCount)
{
    private readonly Dictionary<UInt128, int> blocks = new(blockCount);
    private readonly UInt128[] hashes = new UInt128[blockCount];
    private readonly bool[] known = new bool[blockCount];

    public int Count => blocks.Count;

    public bool TryFind(UInt128 hash, out int block) => blocks.TryGetValue(hash, out block);

    public bool Holds(int block) => known[block];

    /// <summary>Publishes a full block. Where another block already has this content, that one stays and this one remains private.</summary>
    public void Add(UInt128 hash, int block)
    {
        if (known[block] || !blocks.TryAdd(hash, block)) return;
        hashes[block] = hash;
        known[block] = true;
    }

    public void Remove(int block)
    {
        if (!known[block]) return;
        blocks.Remove(hashes[block]);
        known[block] = false;
    }
}
