namespace AttentionOperator.Inference.Cache;

/// <summary>
/// The blocks of a paged key-value cache: reference counts, the empty ones, and the free ones whose content is still known
/// (evicted least recently used first). Every block is in exactly one of three states: held (references &gt; 0), cached (free, content known)
/// or empty. Not thread-safe; owned by the engine's thread.
/// </summary>
internal sealed class BlockPool
{
    private readonly int[] references;
    private readonly int[] older;
    private readonly int[] newer;
    private readonly Stack<int> empty;
    private readonly PrefixIndex index;
    private readonly int sentinel;
    private int cached;

    public BlockPool(int blockCount, PrefixIndex index)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockCount, 1);
        this.index = index;
        references = new int[blockCount];
        older = new int[blockCount + 1];
        newer = new int[blockCount + 1];
        sentinel = blockCount;
        older[sentinel] = newer[sentinel] = sentinel;
        empty = new Stack<int>(blockCount);
        for (var block = blockCount - 1; block >= 0; block--) empty.Push(block);
    }

    public int Total => references.Length;

    /// <summary>Blocks that can be taken: empty ones and cached ones that nobody holds.</summary>
    public int Free => empty.Count + cached;

    public int Used => Total - Free;

    public int References(int block) => references[block];

    /// <summary>Takes a block for writing; the caller has checked <see cref="Free"/>.</summary>
    public int Take()
    {
        if (!empty.TryPop(out var block))
        {
            block = newer[sentinel];
            if (block == sentinel) throw new InvalidOperationException("No block is free.");
            Unlink(block);
            index.Remove(block);
        }

        references[block] = 1;
        return block;
    }

    /// <summary>Adds a holder to a block whose content is known.</summary>
    public void Share(int block)
    {
        if (references[block]++ == 0) Unlink(block);
    }

    /// <summary>Gives one reference back. The last one leaves the block cached where its content is known, else empty.</summary>
    public void Release(int block)
    {
        if (references[block] <= 0) throw new InvalidOperationException($"Block {block} is released more often than it was taken.");
        if (--references[block] > 0) return;
        if (index.Holds(block)) LinkNewest(block);
        else empty.Push(block);
    }

    private void LinkNewest(int block)
    {
        var last = older[sentinel];
        newer[last] = block;
        older[block] = last;
        newer[block] = sentinel;
        older[sentinel] = block;
        cached++;
    }

    private void Unlink(int block)
    {
        newer[older[block]] = newer[block];
        older[newer[block]] = older[block];
        cached--;
    }
}
