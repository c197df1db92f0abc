using AttentionOperator.Inference.Cache;
using AttentionOperator.Inference.Engine;
using AttentionOperator.Inference.Scheduling;
using AttentionOperator.Inference.Tests.Scheduling;
using CsCheck;

namespace AttentionOperator.Inference.Tests.Cache;

public sealed class KeyValueCacheTests
{
    [Fact]
    public void Any_order_of_starting_growing_and_releasing_keeps_the_account_exact()
    {
        Gen.Select(Gen.Int[1, 5], Gen.Int[4, 30], Gen.Int[0, 1_000_000]).Sample((blockSize, blocks, seed) =>
        {
            var random = new Random(seed);
            var cache = new KeyValueCache(blocks, blockSize, true);
            List<TestSequence> live = [];
            for (var step = 0; step < 200; step++)
            {
                switch (random.Next(3))
                {
                    case 0:
                        var started = TestSequence.Of([.. Enumerable.Range(0, random.Next(1, 4 * blockSize)).Select(i => i < 2 * blockSize ? 1 : random.Next(2))]);
                        var lacking = cache.Lacking(started, 0);
                        Assert.Equal(lacking <= 0, cache.TryStart(started, 0));
                        if (lacking > 0)
                        {
                            Assert.Empty(started.Blocks);
                            break;
                        }

                        Assert.InRange(started.Computed, 0, started.Tokens.Count - 1);
                        started.Computed = started.Tokens.Count;
                        cache.Publish(started);
                        live.Add(started);
                        break;
                    case 1 when live.Count > 0:
                        var grown = live[random.Next(live.Count)];
                        var length = grown.Tokens.Count + random.Next(1, 2 * blockSize);
                        if (!cache.TryGrow(grown, length)) break;
                        while (grown.Tokens.Count < length) grown.Tokens.Add(random.Next(2));
                        grown.Computed = length;
                        cache.Publish(grown);
                        break;
                    case 2 when live.Count > 0:
                        var ended = live[random.Next(live.Count)];
                        live.Remove(ended);
                        var free = cache.Free;
                        var reclaimed = cache.Reclaimable(ended);
                        cache.Release(ended);
                        Assert.Equal(free + reclaimed, cache.Free);
                        break;
                    default:
                        break;
                }

                Assert.Equal(live.SelectMany(s => s.Blocks).Distinct().Count(), cache.Used);
                Assert.Equal(cache.Total, cache.Used + cache.Free);
                // Two sequences share a block only where all their tokens up to its end are equal.
                foreach (var a in live)
                    foreach (var b in live)
                        for (var i = 0; i < Math.Min(a.Blocks.Count, b.Blocks.Count); i++)
                            if (a != b && a.Blocks[i] == b.Blocks[i]) Assert.Equal(a.Tokens.Take((i + 1) * blockSize), b.Tokens.Take((i + 1) * blockSize));
            }

            foreach (var sequence in live) cache.Release(sequence);
            Assert.Equal(0, cache.Used);
        }, iter: 200);
    }

    [Fact]
    public void Cached_blocks_are_evicted_least_recently_used_and_from_the_end_of_a_prefix()
    {
        var cache = new KeyValueCache(4, 2, true);
        Compute(cache, [1, 2, 3, 4, 5]);
        Compute(cache, [7, 8, 9]);
        // All four blocks have been used: two know (1 2)(3 4), one knows (7 8), and the partial ones are empty again.
        Assert.Equal(4, Hit(cache, [1, 2, 3, 4, 0]));
        var large = TestSequence.Of([50, 51, 52, 53, 54]);
        Assert.True(cache.TryStart(large, 0));
        cache.Release(large);
        Assert.Equal(0, Hit(cache, [7, 8, 0]));
        Assert.Equal(2, Hit(cache, [1, 2, 3, 4, 0]));
    }

    [Fact]
    public void A_fully_cached_prompt_leaves_one_token_to_compute()
    {
        var cache = new KeyValueCache(8, 2, true);
        Compute(cache, [1, 2, 3, 4]);
        Assert.Equal(2, Hit(cache, [1, 2, 3, 4]));
        Assert.Equal(4, Hit(cache, [1, 2, 3, 4, 5]));
    }

    [Fact]
    public void Roots_separate_namespaces_and_encoder_inputs()
    {
        var roots = new[] { PrefixHash.Root(null, []), PrefixHash.Root("", []), PrefixHash.Root("a", []), PrefixHash.Root("a", [1]), PrefixHash.Root(null, [1]), PrefixHash.Root(null, [1, 2]) };
        Assert.Equal(roots.Length, roots.Distinct().Count());
        Assert.Equal(PrefixHash.Root("a", [1, 2]), PrefixHash.Root("a", [1, 2]));
        Assert.NotEqual(PrefixHash.Next(roots[0], [1, 2]), PrefixHash.Next(roots[1], [1, 2]));
    }

    [Fact]
    public void Releasing_twice_is_a_defect_that_shows()
    {
        var pool = new BlockPool(2, new PrefixIndex(2));
        var block = pool.Take();
        pool.Release(block);
        Assert.Throws<InvalidOperationException>(() => pool.Release(block));
        var slots = new CrossSlotPool(1, _ => { });
        slots.Release(slots.Take(), false);
        Assert.Throws<InvalidOperationException>(() => slots.Release(0, false));
    }

    private static void Compute(KeyValueCache cache, int[] tokens)
    {
        var sequence = TestSequence.Of(tokens);
        Assert.True(cache.TryStart(sequence, 0));
        sequence.Computed = tokens.Length;
        cache.Publish(sequence);
        cache.Release(sequence);
    }

    private static int Hit(KeyValueCache cache, int[] tokens)
    {
        var sequence = TestSequence.Of(tokens);
        Assert.True(cache.TryStart(sequence, 0));
        var hit = sequence.Computed;
        cache.Release(sequence);
        return hit;
    }
}
