using AttentionOperator.Inference.Engine;
using Microsoft.Extensions.Time.Testing;

namespace AttentionOperator.Inference.Tests.Engine;

public sealed class AdmissionControlTests
{
    [Theory]
    [InlineData(10, 40)]
    [InlineData(2, 200)]
    [InlineData(50, 300)]
    public void Clients_that_come_back_when_told_are_nearly_always_admitted(int perSecond, int refusedAtOnce)
    {
        var time = new FakeTimeProvider();
        var admission = new AdmissionControl(100, 1_000_000, 0, time);
        for (var i = 0; i < 100; i++) admission.Enter(10, PriorityClass.Standard);
        // A steady drain of known rate, replaced at once: the queue stays full.
        for (var i = 0; i < 60 * perSecond; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1.0 / perSecond));
            admission.Start(10);
            admission.Enter(10, PriorityClass.Standard);
        }

        var retries = new PriorityQueue<int, DateTimeOffset>();
        for (var i = 0; i < refusedAtOnce; i++)
        {
            var refusal = Assert.Throws<RequestRefusedException>(() => admission.Enter(10, PriorityClass.Standard));
            Assert.Equal(RefusalReason.QueueFull, refusal.Reason);
            retries.Enqueue(i, time.GetUtcNow() + refusal.RetryAfter!.Value);
        }

        var admitted = 0;
        while (retries.TryPeek(out _, out var due))
        {
            time.Advance(TimeSpan.FromSeconds(1.0 / perSecond));
            if (admission.Waiting.Requests > 0) admission.Start(10);
            while (retries.TryPeek(out _, out due) && due <= time.GetUtcNow())
            {
                retries.Dequeue();
                try
                {
                    admission.Enter(10, PriorityClass.Standard);
                    admitted++;
                }
                catch (RequestRefusedException)
                {
                    // Counted by its absence.
                }
            }
        }

        Assert.True(admitted >= 0.95 * refusedAtOnce, $"{admitted} of {refusedAtOnce}");
    }

    /// <summary>
    /// Ten minutes of twice as much as can be done, every refused client coming back as it is told: the engine never idles, interactive requests are taken
    /// at once, and who comes back is taken.
    /// </summary>
    [Theory]
    [InlineData(1, 20, 64)]
    [InlineData(2, 5, 16)]
    [InlineData(3, 100, 512)]
    public void Under_twice_the_capacity_who_comes_back_as_told_is_admitted(int seed, int perSecond, int places)
    {
        var time = new FakeTimeProvider();
        var random = new Random(seed);
        var admission = new AdmissionControl(places, 1_000_000, 0.1, time);
        // Interactive requests first, the others as they came.
        var queue = new PriorityQueue<(int Cost, PriorityClass Class), (bool Other, int Number)>();
        var number = 0;
        var returning = new PriorityQueue<(UInt128 Key, int Cost, PriorityClass Class), long>();
        var (fresh, admittedAtOnce, returned, admittedOnReturn, interactive, interactiveAdmitted, idle) = (0, 0, 0, 0, 0, 0, 0);
        UInt128 keys = 0;
        bool Enter(UInt128 key, int cost, PriorityClass priority, long now)
        {
            try
            {
                admission.Enter(1, cost, priority, key);
                queue.Enqueue((cost, priority), (priority != PriorityClass.Interactive, number++));
                return true;
            }
            catch (RequestRefusedException refusal)
            {
                // Clients take a moment for the way there and back.
                returning.Enqueue((key, cost, priority), now + (long)refusal.RetryAfter!.Value.TotalMilliseconds + random.Next(300));
                return false;
            }
        }

        const int step = 10;
        double arrivals = 0, starts = 0;
        for (long now = 0; now < 600_000; now += step)
        {
            time.Advance(TimeSpan.FromMilliseconds(step));
            // The rate of work is not steady.
            starts += perSecond * step / 1000.0 * (0.8 + ((now / 20_000 % 3) / 5.0));
            for (; starts >= 1; starts--)
            {
                if (queue.TryDequeue(out var next, out _)) admission.Start(next.Cost, next.Class);
                else if (now > 60_000) idle++;
            }

            while (returning.TryPeek(out var back, out var due) && due <= now)
            {
                returning.Dequeue();
                returned++;
                if (Enter(back.Key, back.Cost, back.Class, now)) admittedOnReturn++;
            }

            arrivals += 2 * perSecond * random.NextDouble() * 2 * step / 1000.0;
            for (; arrivals >= 1; arrivals--)
            {
                // One in ten is interactive, far below the capacity.
                var priority = random.Next(10) == 0 ? PriorityClass.Interactive : (PriorityClass)random.Next(1, 3);
                var admitted = Enter(++keys, random.Next(10, 500), priority, now);
                if (priority == PriorityClass.Interactive) (interactive, interactiveAdmitted) = (interactive + 1, interactiveAdmitted + (admitted ? 1 : 0));
                else (fresh, admittedAtOnce) = (fresh + 1, admittedAtOnce + (admitted ? 1 : 0));
            }

            Assert.InRange(admission.Waiting.Requests, 0, (places * 3 / 2) + 1);
        }

        Assert.True(returned > perSecond * 60, $"{returned} came back");
        Assert.True(admittedOnReturn >= 0.95 * returned, $"{admittedOnReturn} of {returned} that came back were admitted; {admittedAtOnce} of {fresh} at once");
        Assert.True(interactiveAdmitted >= 0.98 * interactive, $"{interactiveAdmitted} of {interactive} interactive requests were admitted at once");
        Assert.Equal(0, idle);
    }

    [Fact]
    public void A_place_is_kept_for_who_was_told_to_come_back_and_given_up_when_nobody_comes()
    {
        var time = new FakeTimeProvider();
        var admission = new AdmissionControl(4, 1000, 0, time);
        for (var i = 0; i < 4; i++) admission.Enter(1, 10, PriorityClass.Standard, 0);
        for (var i = 0; i < 60; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            admission.Start(10);
            admission.Enter(1, 10, PriorityClass.Standard, 0);
        }

        var told = Assert.Throws<RequestRefusedException>(() => admission.Enter(1, 10, PriorityClass.Standard, 7)).RetryAfter!.Value;
        // Too early: the answer is what is left of the wait, not a new one.
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(told - TimeSpan.FromSeconds(1), Assert.Throws<RequestRefusedException>(() => admission.Enter(1, 10, PriorityClass.Standard, 7)).RetryAfter);
        admission.Start(10);
        time.Advance(told - TimeSpan.FromSeconds(1));
        // The place that became free is somebody's, also a second later.
        Assert.Throws<RequestRefusedException>(() => admission.Enter(1, 10, PriorityClass.Standard, 8));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Throws<RequestRefusedException>(() => admission.Enter(1, 10, PriorityClass.Batch, 9));
        admission.Enter(1, 10, PriorityClass.Standard, 7);
        Assert.Equal((4, 2), (admission.Waiting.Requests, admission.Promised));
        admission.Start(10);
        admission.Start(10);
        // Nobody comes for the others.
        time.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal(0, admission.Promised);
        admission.Enter(1, 10, PriorityClass.Batch, 10);
    }

    [Fact]
    public void Who_comes_earlier_than_told_is_taken_where_there_is_room_by_then()
    {
        var time = new FakeTimeProvider();
        var admission = new AdmissionControl(4, 1000, 0, time);
        for (var i = 0; i < 4; i++) admission.Enter(1, 10, PriorityClass.Standard, 0);
        Assert.Throws<RequestRefusedException>(() => admission.Enter(1, 10, PriorityClass.Standard, 7));
        for (var i = 0; i < 3; i++) admission.Start(10);
        admission.Enter(1, 10, PriorityClass.Standard, 7);
        Assert.Equal((2, 0), (admission.Waiting.Requests, admission.Promised));
    }

    [Fact]
    public void Sequences_of_one_request_enter_together_or_not_at_all()
    {
        var admission = new AdmissionControl(10, 1000, 0, new FakeTimeProvider());
        admission.Enter(8, 80, PriorityClass.Standard, 0);
        Assert.Throws<RequestRefusedException>(() => admission.Enter(3, 30, PriorityClass.Standard, 1));
        Assert.Equal((8, 80L), admission.Waiting);
        using (var ticket = new AdmissionTicket(admission, 2, 20, PriorityClass.Standard))
        {
            admission.Add(2, 20);
            ticket.Use(10);
            ticket.Use(10);
            // A third belongs to a request that is inside.
            ticket.Use(15);
            Assert.Equal((11, 115L), admission.Waiting);
        }

        Assert.Equal((11, 115L), admission.Waiting);
        new AdmissionTicket(admission, 3, 35, PriorityClass.Standard).Dispose();
        Assert.Equal((8, 80L), admission.Waiting);
    }

    [Fact]
    public void Interactive_requests_have_a_share_of_the_queue_to_themselves()
    {
        var admission = new AdmissionControl(10, 1000, 0.2, new FakeTimeProvider());
        for (var i = 0; i < 8; i++) admission.Enter(1, PriorityClass.Batch);
        Assert.Throws<RequestRefusedException>(() => admission.Enter(1, PriorityClass.Batch));
        admission.Enter(1, PriorityClass.Interactive);
        admission.Enter(1, PriorityClass.Interactive);
        Assert.Throws<RequestRefusedException>(() => admission.Enter(1, PriorityClass.Interactive));
        Assert.Equal((10, 10L), admission.Waiting);
    }

    [Fact]
    public void Tokens_are_bounded_but_one_large_request_is_taken_when_nothing_waits()
    {
        var admission = new AdmissionControl(10, 100, 0, new FakeTimeProvider());
        admission.Enter(500, PriorityClass.Standard);
        Assert.Equal(RefusalReason.TokensFull, Assert.Throws<RequestRefusedException>(() => admission.Enter(1, PriorityClass.Standard)).Reason);
        admission.Drop(500);
        admission.Enter(60, PriorityClass.Standard);
        admission.Enter(40, PriorityClass.Standard);
        Assert.Throws<RequestRefusedException>(() => admission.Enter(1, PriorityClass.Standard));
    }

    [Fact]
    public void A_rate_is_right_from_the_start_and_follows_changes()
    {
        var time = new FakeTimeProvider();
        var meter = new RateMeter(time, TimeSpan.FromSeconds(10));
        Assert.Equal(0, meter.PerSecond());
        for (var i = 0; i < 30; i++)
        {
            time.Advance(TimeSpan.FromSeconds(0.1));
            meter.Add(2);
        }

        Assert.Equal(20, meter.PerSecond(), 0.5);
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.InRange(meter.PerSecond(), 0, 0.1);
    }
}
