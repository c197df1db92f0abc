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
