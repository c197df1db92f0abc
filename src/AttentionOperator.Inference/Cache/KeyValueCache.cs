using System.Runtime.InteropServices;
using AttentionOperator.Inference.Scheduling;

namespace AttentionOperator.Inference.Cache;

/// <summary>Gives sequences their blocks, finds shared prefixes, and publishes full blocks once their content is computed.</summary>
internal sealed class KeyValueCache
{
    private readonly PrefixIndex index;
    private readonly BlockPool pool;
    private readonly bool sharePrefixes;

    public KeyValueCache(int blockCount, int blockSize, bool sharePrefixes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockSize, 1);
        BlockSize = blockSize;
        this.sharePrefixes = sharePrefixes;
        index = new PrefixIndex(blockCount);
        pool = new BlockPool(blockCount, index);
    }

    public int BlockSize { get; }

    public int Total => pool.Total;

    public int Free => pool.Free;

    public int Used => pool.Used;

    public long QueriedTokens { get; private set; }

    public long HitTokens { get; private set; }

    public int BlocksFor(int tokens) => (tokens + BlockSize - 1) / BlockSize;

    /// <summary>
    /// Gives a sequence without blocks all that its known tokens need, reusing cached prefixes, and sets what is computed already.
    /// Leaves everything as it was and returns false where fewer than <paramref name="headroom"/> blocks would stay free.
    /// </summary>
    public bool TryStart(Sequence sequence, int headroom)
    {
        var hits = FindPrefix(sequence, out var freeHits);
        var needed = BlocksFor(sequence.Tokens.Count) - hits;
        if (needed + headroom > pool.Free - freeHits) return false;

        for (var i = 0; i < hits; i++)
        {
            index.TryFind(sequence.BlockHashes[i], out var block);
            pool.Share(block);
            sequence.Blocks.Add(block);
        }

        for (var i = 0; i < needed; i++) sequence.Blocks.Add(pool.Take());
        sequence.Computed = hits * BlockSize;
        sequence.PublishedBlocks = hits;
        QueriedTokens += sequence.Tokens.Count;
        HitTokens += sequence.Computed;
        return true;
    }

    /// <summary>How many blocks <see cref="TryStart"/> lacks for this sequence; 0 or less where it would succeed.</summary>
    public int Lacking(Sequence sequence, int headroom)
    {
        var hits = FindPrefix(sequence, out var freeHits);
        return BlocksFor(sequence.Tokens.Count) - hits + headroom - (pool.Free - freeHits);
    }

    /// <summary>Blocks that become free when the sequence gives its own back.</summary>
    public int Reclaimable(Sequence sequence)
    {
        var count = 0;
        foreach (var block in CollectionsMarshal.AsSpan(sequence.Blocks))
            if (pool.References(block) == 1) count++;
        return count;
    }

    /// <summary>Extends the block table to hold <paramref name="tokens"/>; all or nothing.</summary>
    public bool TryGrow(Sequence sequence, int tokens)
    {
        var needed = BlocksFor(tokens) - sequence.Blocks.Count;
        if (needed > pool.Free) return false;
        for (var i = 0; i < needed; i++) sequence.Blocks.Add(pool.Take());
        return true;
    }

    /// <summary>Publishes the blocks that became full with computed tokens. Only after a step succeeded: a failed one leaves garbage in its blocks.</summary>
    public void Publish(Sequence sequence)
    {
        if (!sharePrefixes) return;
        var full = sequence.Computed / BlockSize;
        if (full <= sequence.PublishedBlocks) return;
        ExtendHashes(sequence, full);
        for (var i = sequence.PublishedBlocks; i < full; i++) index.Add(sequence.BlockHashes[i], sequence.Blocks[i]);
        sequence.PublishedBlocks = full;
    }

    /// <summary>Borrows a block that no sequence uses, for as long as the function runs; false where none is free.</summary>
    public bool TryBorrow(Func<int, bool> use)
    {
        if (pool.Free == 0) return false;
        var block = pool.Take();
        try
        {
            return use(block);
        }
        finally
        {
            pool.Release(block);
        }
    }

    /// <summary>Takes all blocks back. The tail is released first, so that eviction eats a prefix from its end.</summary>
    public void Release(Sequence sequence)
    {
        for (var i = sequence.Blocks.Count - 1; i >= 0; i--) pool.Release(sequence.Blocks[i]);
        sequence.Blocks.Clear();
        sequence.Computed = 0;
        sequence.PublishedBlocks = 0;
    }

    private int FindPrefix(Sequence sequence, out int freeHits)
    {
        freeHits = 0;
        if (!sharePrefixes || !sequence.MayReusePrefix) return 0;
        // At least one token has to be computed, else there are no logits to sample from.
        var full = (sequence.Tokens.Count - 1) / BlockSize;
        ExtendHashes(sequence, full);
        var hits = 0;
        while (hits < full && index.TryFind(sequence.BlockHashes[hits], out var block))
        {
            if (pool.References(block) == 0) freeHits++;
            hits++;
        }

        return hits;
    }

    private void ExtendHashes(Sequence sequence, int blocks)
    {
        var hashes = sequence.BlockHashes;
        var tokens = CollectionsMarshal.AsSpan(sequence.Tokens);
        while (hashes.Count < blocks)
        {
            var parent = hashes.Count == 0 ? sequence.CacheRoot : hashes[^1];
            hashes.Add(PrefixHash.Next(parent, tokens.Slice(hashes.Count * BlockSize, BlockSize)));
        }
    }
}
