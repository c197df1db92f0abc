namespace AttentionOperator.Tokenization.Models;

/// <summary>Applies merges lowest rank first, leftmost first among equals.</summary>
internal static class BpeMerger
{
    // Below this many symbols a scan is faster than a heap.
    private const int ScanLimit = 48;

    /// <summary>Merges in place; dead symbols get id -2 and the list starts at index 0.</summary>
    public static void Merge(Span<BpeSymbol> symbols, MergeTable merges)
    {
        for (var i = 0; i < symbols.Length; i++)
        {
            symbols[i].Previous = i - 1;
            symbols[i].Next = i + 1 < symbols.Length ? i + 1 : -1;
        }
        if (symbols.Length <= ScanLimit)
            Scan(symbols, merges);
        else
            Heap(symbols, merges);
    }

    private static void Scan(Span<BpeSymbol> symbols, MergeTable merges)
    {
        Span<int> ranks = stackalloc int[ScanLimit];
        Span<int> targets = stackalloc int[ScanLimit];
        for (var i = 0; i + 1 < symbols.Length; i++)
            merges.TryGet(symbols[i].Id, symbols[i + 1].Id, out ranks[i], out targets[i]);
        if (symbols.Length > 0)
            ranks[symbols.Length - 1] = int.MaxValue;
        while (true)
        {
            var best = -1;
            var bestRank = int.MaxValue;
            for (var i = 0; i >= 0 && i < symbols.Length; i = symbols[i].Next)
            {
                if (ranks[i] < bestRank)
                    (best, bestRank) = (i, ranks[i]);
            }
            if (best < 0)
                return;
            Join(symbols, best, targets[best]);
            Update(symbols, best, ranks, targets, merges);
            if (symbols[best].Previous >= 0)
                Update(symbols, symbols[best].Previous, ranks, targets, merges);
        }

        static void Update(Span<BpeSymbol> symbols, int index, Span<int> ranks, Span<int> targets, MergeTable merges)
        {
            if (symbols[index].Next < 0)
                ranks[index] = int.MaxValue;
            else
                merges.TryGet(symbols[index].Id, symbols[symbols[index].Next].Id, out ranks[index], out targets[index]);
        }
    }

    private static void Heap(Span<BpeSymbol> symbols, MergeTable merges)
    {
        var initial = new List<(int Target, ulong Priority)>();
        for (var i = 0; i + 1 < symbols.Length; i++)
        {
            if (merges.TryGet(symbols[i].Id, symbols[i + 1].Id, out var rank, out var id))
                initial.Add((id, Priority(rank, i)));
        }
        var queue = new PriorityQueue<int, ulong>(initial);
        while (queue.TryDequeue(out var target, out var priority))
        {
            var index = (int)(uint)priority;
            var next = symbols[index].Next;
            // The entry is stale where one of its symbols has merged otherwise in the meantime.
            if (symbols[index].Id < 0 || next < 0 || !merges.TryGet(symbols[index].Id, symbols[next].Id, out _, out var current) || current != target)
                continue;
            Join(symbols, index, target);
            Offer(symbols, index);
            if (symbols[index].Previous >= 0)
                Offer(symbols, symbols[index].Previous);
        }

        void Offer(Span<BpeSymbol> list, int index)
        {
            var next = list[index].Next;
            if (next >= 0 && merges.TryGet(list[index].Id, list[next].Id, out var rank, out var id))
                queue.Enqueue(id, Priority(rank, index));
        }
    }

    private static ulong Priority(int rank, int index) => ((ulong)(uint)rank << 32) | (uint)index;

    private static void Join(Span<BpeSymbol> symbols, int index, int id)
    {
        var removed = symbols[index].Next;
        symbols[index].Id = id;
        symbols[index].End = symbols[removed].End;
        symbols[index].Next = symbols[removed].Next;
        if (symbols[removed].Next >= 0)
            symbols[symbols[removed].Next].Previous = index;
        symbols[removed].Id = -2;
    }
}
