using AttentionOperator.Inference.Cache;
using AttentionOperator.Inference.Engine;
using AttentionOperator.Inference.Scheduling;
using CsCheck;

namespace AttentionOperator.Inference.Tests.Scheduling;

public sealed class SchedulerTests
{
    private static readonly DateTimeOffset T0 = DateTimeOffset.UnixEpoch;

    [Fact]
    public void Random_traffic_stays_within_budgets_loses_no_block_and_starves_nobody()
    {
        Gen.Int[0, 10_000_000].Sample(seed =>
        {
            var random = new Random(seed);
            var maxSequences = random.Next(1, 6);
            var limits = new SchedulerLimits(random.Next(maxSequences, 30), maxSequences, random.Next(1, 12), maxSequences + random.Next(3), random.Next(maxSequences), random.Next(4));
            var cache = new KeyValueCache(random.Next(10, 20), random.Next(1, 5), random.Next(2) == 0);
            var scheduler = new Scheduler(limits, new Precedence(TimeSpan.FromSeconds(20)), cache);
            List<TestSequence> live = [];
            var plan = new StepPlan();
            var ticket = 0L;
            var maxLength = cache.BlockSize * cache.Total;
            for (var step = 0; step < 3000 && (step < 150 || live.Count > 0); step++)
            {
                var now = T0.AddSeconds(step);
                if (step < 150 && random.Next(3) == 0)
                {
                    var length = random.Next(1, maxLength);
                    var sequence = TestSequence.Of(
                        [.. Enumerable.Range(0, length).Select(_ => random.Next(2))], (PriorityClass)random.Next(3), ticket++, now, Math.Min(random.Next(1, 12), maxLength - length));
                    sequence.WantsAllLogits = random.Next(8) == 0;
                    live.Add(sequence);
                    scheduler.Submit(sequence);
                }

                if (live.Count > 0 && random.Next(15) == 0) End(live[random.Next(live.Count)]);
                // Interactive requests slow the others down, in some steps.
                var pace = random.Next(3) == 0 ? random.Next(1, 6) : int.MaxValue;
                var interactive = live.Any(s => s.Class == PriorityClass.Interactive && !(s.Deadline <= now));
                scheduler.Plan(now, plan, pace);
                Assert.True(!interactive || plan.LowerClassTokens <= pace, $"{plan.LowerClassTokens} tokens of lower classes, {pace} allowed");
                Assert.Equal(plan.Items.Where(i => i.Sequence.Class != PriorityClass.Interactive).Sum(i => i.Count), plan.LowerClassTokens);
                Check(step);
                scheduler.Advance(plan);
                foreach (var item in plan.Items.ToArray())
                {
                    var sequence = (TestSequence)item.Sequence;
                    if (item.LogitRows == 0 || sequence.Remaining > 0) continue;
                    sequence.WantsAllLogits = false;
                    sequence.Tokens.Add(random.Next(2));
                    if (--sequence.OutputLeft <= 0) End(sequence);
                }
            }

            // Ends at all, although interactive requests keep arriving for 150 steps and everything competes for a few blocks.
            Assert.Empty(live);
            Assert.True(scheduler.Idle);
            Assert.Equal(0, cache.Used);

            void End(TestSequence sequence)
            {
                scheduler.End(sequence);
                live.Remove(sequence);
            }

            void Check(int step)
            {
                Assert.InRange(plan.Items.Sum(i => i.Count), 0, limits.MaxBatchTokens);
                Assert.Equal(plan.Items.Sum(i => i.Count), plan.Tokens);
                Assert.InRange(plan.Items.Sum(i => i.LogitRows), 0, limits.MaxLogitRows);
                Assert.InRange(scheduler.Running.Count, 0, limits.MaxSequences);
                Assert.Equal(plan.Items.Count, plan.Items.Select(i => i.Sequence).Distinct().Count());
                Assert.All(plan.Items, i => Assert.InRange(i.Count, 1, Math.Min(limits.MaxChunkTokens, i.Sequence.Remaining)));
                Assert.All(plan.Items, i => Assert.True(i.Sequence.Blocks.Count * cache.BlockSize >= i.Sequence.Computed + i.Count));
                Assert.Equal(live.SelectMany(s => s.Blocks).Distinct().Count(), cache.Used);
                Assert.Equal(live.Count, scheduler.Running.Count + scheduler.Waiting.Count);
                Assert.InRange(scheduler.Running.Count(s => s.Class != PriorityClass.Interactive), 0, limits.MaxSequences - limits.ReservedForInteractive);
                // Never idle while there is something to do.
                Assert.True(live.Count == 0 || plan.Items.Count > 0, $"nothing planned in step {step}");
            }
        }, iter: 300);
    }

    [Fact]
    public void A_long_prompt_is_chunked_and_does_not_hold_up_those_that_decode()
    {
        var scheduler = Make(tokens: 10, chunk: 8, blocks: 100);
        var decoding = Submit(scheduler, 3, 1, output: 100);
        Step(scheduler);
        var prompt = Submit(scheduler, 30, 2);
        Assert.Equal([(decoding, 1), (prompt, 8)], Step(scheduler));
        Assert.Equal([(decoding, 1), (prompt, 8)], Step(scheduler));
        Assert.Equal([(decoding, 1), (prompt, 8)], Step(scheduler));
        Assert.Equal([(decoding, 1), (prompt, 6)], Step(scheduler));
    }

    [Fact]
    public void An_urgent_request_displaces_the_youngest_of_the_lowest_class_when_all_places_are_taken()
    {
        var scheduler = Make(sequences: 3, blocks: 100);
        var standard = Submit(scheduler, 2, 1, PriorityClass.Standard, 50);
        var older = Submit(scheduler, 2, 2, PriorityClass.Batch, 50);
        var younger = Submit(scheduler, 2, 3, PriorityClass.Batch, 50);
        Step(scheduler);
        var urgent = Submit(scheduler, 2, 4, PriorityClass.Interactive, 50);
        Step(scheduler);
        Assert.Equal([standard, older, urgent], scheduler.Running.OrderBy(s => s.Ticket));
        Assert.Equal((SequenceStatus.Waiting, 1), (younger.Status, younger.Preemptions));

        // Equal classes never displace each other, however much earlier the waiting one came.
        var equal = Submit(scheduler, 2, 0, PriorityClass.Standard, 50);
        scheduler.End(older);
        Step(scheduler);
        Assert.Equal([urgent, standard, equal], scheduler.Running.OrderBy(s => s.Class).ThenByDescending(s => s.Ticket));
        Submit(scheduler, 2, -1, PriorityClass.Standard, 50);
        Step(scheduler);
        Assert.Equal(0, equal.Preemptions + standard.Preemptions);
    }

    [Fact]
    public void A_request_is_displaced_for_more_urgent_ones_a_few_times_only()
    {
        var scheduler = Make(sequences: 1, blocks: 100);
        var batch = Submit(scheduler, 2, 1, PriorityClass.Batch, 1000);
        for (var i = 0; i < 10; i++)
        {
            while (batch.Status != SequenceStatus.Running) Step(scheduler);
            Submit(scheduler, 2, 10 + i, PriorityClass.Interactive);
            Step(scheduler);
        }

        Assert.Equal(3, batch.Preemptions);
    }

    [Fact]
    public void Memory_is_taken_from_the_lowest_class_then_the_youngest_and_the_victim_comes_back_first()
    {
        var scheduler = Make(blocks: 9, blockSize: 1);
        var first = Submit(scheduler, 2, 1, PriorityClass.Standard, 50);
        var second = Submit(scheduler, 2, 2, PriorityClass.Standard, 50);
        Step(scheduler);
        while (scheduler.Preemptions == 0) Step(scheduler);
        Assert.Equal((0, 1), (first.Preemptions, second.Preemptions));
        var later = Submit(scheduler, 2, 3);
        scheduler.End(first);
        Step(scheduler);
        Assert.Equal(SequenceStatus.Running, second.Status);
        Assert.Equal(0, later.Preemptions);
    }

    [Fact]
    public void Waiting_raises_the_class_so_that_nobody_starves_under_a_stream_of_urgent_requests()
    {
        var scheduler = Make(sequences: 1, blocks: 100, aging: TimeSpan.FromSeconds(10));
        var batch = Submit(scheduler, 2, 0, PriorityClass.Batch);
        var ticket = 1L;
        var steps = 0;
        Submit(scheduler, 2, ticket++, PriorityClass.Interactive, arrived: T0);
        while (batch.Status != SequenceStatus.Running && batch.Status != SequenceStatus.Ended)
        {
            Submit(scheduler, 2, ticket++, PriorityClass.Interactive, arrived: T0.AddSeconds(steps));
            Step(scheduler, T0.AddSeconds(steps++));
            Assert.True(steps < 50);
        }

        // Two classes up after twenty seconds, and then it is the oldest.
        Assert.InRange(steps, 20, 25);
    }

    [Fact]
    public void Interactive_requests_find_their_reserved_place()
    {
        var scheduler = Make(sequences: 4, blocks: 100, reserved: 1);
        for (var i = 0; i < 6; i++) Submit(scheduler, 2, i, PriorityClass.Standard, 50);
        Step(scheduler);
        Assert.Equal(3, scheduler.Running.Count);
        var urgent = Submit(scheduler, 2, 10, PriorityClass.Interactive, 50);
        Step(scheduler);
        Assert.Equal(SequenceStatus.Running, urgent.Status);
        Assert.Equal(0, scheduler.Preemptions);
    }

    [Fact]
    public void A_class_is_served_in_order_of_arrival_and_large_requests_are_not_overtaken()
    {
        var scheduler = Make(blocks: 10, blockSize: 1, sequences: 4);
        var running = Submit(scheduler, 5, 1, output: 3);
        Step(scheduler);
        var large = Submit(scheduler, 8, 2);
        var small = Submit(scheduler, 1, 3);
        Step(scheduler);
        Assert.Equal((SequenceStatus.Waiting, SequenceStatus.Waiting), (large.Status, small.Status));
        while (running.Status == SequenceStatus.Running) Step(scheduler);
        Step(scheduler);
        Assert.NotEqual(SequenceStatus.Waiting, large.Status);
    }

    private static Scheduler Make(
        int tokens = 64, int sequences = 8, int chunk = 64, int blocks = 32, int blockSize = 4, int reserved = 0, TimeSpan? aging = null) =>
        new(new SchedulerLimits(tokens, sequences, chunk, sequences + 4, reserved), new Precedence(aging ?? TimeSpan.FromHours(1)), new KeyValueCache(blocks, blockSize, false));

    private static TestSequence Submit(
        Scheduler scheduler, int length, long ticket, PriorityClass priority = PriorityClass.Standard, int output = 1, DateTimeOffset? arrived = null)
    {
        var sequence = TestSequence.Of(new int[length], priority, ticket, arrived ?? T0, output);
        scheduler.Submit(sequence);
        return sequence;
    }

    private static (TestSequence, int)[] Step(Scheduler scheduler, DateTimeOffset? now = null)
    {
        var plan = new StepPlan();
        scheduler.Plan(now ?? T0, plan);
        scheduler.Advance(plan);
        foreach (var item in plan.Items)
        {
            var sequence = (TestSequence)item.Sequence;
            if (sequence.Remaining > 0) continue;
            sequence.Tokens.Add(0);
            if (--sequence.OutputLeft <= 0) scheduler.End(sequence);
        }

        return [.. plan.Items.Select(i => ((TestSequence)i.Sequence, i.Count))];
    }
}
