using AttentionOperator.Kube.Queues;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace AttentionOperator.Kube.Tests.Queues;

public sealed class WorkQueuePropertyTests
{
    private enum Act
    {
        AddLive,
        AddBackground,
        AddAfter,
        AddRateLimited,
        Take,
        Done,
        Advance,
        Forget,
    }

    [Fact]
    public void AnyInterleaving_HoldsEachKeyOnce_AndServesEveryAdd() =>
        Gen.Select(Gen.Enum<Act>(), Gen.Int[0, 4], Gen.Int[1, 5000]).List[0, 120].Sample(actions =>
        {
            var clock = new FakeTimeProvider();
            using var queue = new WorkQueue<int>("test", time: clock);
            HashSet<int> held = [];
            HashSet<int> owed = [];
            foreach ((Act act, int key, int amount) in actions)
            {
                switch (act)
                {
                    case Act.AddLive:
                        queue.Add(key);
                        owed.Add(key);
                        break;
                    case Act.AddBackground:
                        queue.Add(key, WorkPriority.Background);
                        owed.Add(key);
                        break;
                    case Act.AddAfter:
                        queue.AddAfter(key, TimeSpan.FromMilliseconds(amount));
                        owed.Add(key);
                        break;
                    case Act.AddRateLimited:
                        queue.AddRateLimited(key);
                        owed.Add(key);
                        break;
                    case Act.Take when queue.TryTake(out int taken):
                        Assert.True(held.Add(taken), $"{taken} came out twice");
                        Assert.Contains(taken, owed);
                        if (queue.DelayedCount == 0)
                        {
                            owed.Remove(taken);
                        }

                        break;
                    case Act.Done when held.Remove(key):
                        queue.Done(key);
                        break;
                    case Act.Advance:
                        clock.Advance(TimeSpan.FromMilliseconds(amount));
                        break;
                    case Act.Forget:
                        queue.Forget(key);
                        break;
                    default:
                        break;
                }
            }

            foreach (int key in held)
            {
                queue.Done(key);
            }

            clock.Advance(TimeSpan.FromHours(1));
            HashSet<int> served = [];
            while (queue.TryTake(out int key))
            {
                Assert.True(served.Add(key), $"{key} waited twice");
                queue.Done(key);
            }

            // What was taken while the key had a delayed add is owed only if that add was still out; both ways nothing unowed may appear.
            Assert.True(served.IsSubsetOf(owed));
            Assert.Equal(0, queue.Count);
            Assert.Equal(0, queue.DelayedCount);
        });

    [Fact]
    public void EveryAddIsFollowedByATake() =>
        Gen.Select(Gen.Bool, Gen.Int[0, 3]).List[1, 200].Sample(steps =>
        {
            var clock = new FakeTimeProvider();
            using var queue = new WorkQueue<int>("test", time: clock);
            Dictionary<int, int> lastAdd = [];
            Dictionary<int, int> lastTake = [];
            Queue<int> held = new();
            int now = 0;
            foreach ((bool add, int key) in steps)
            {
                now++;
                if (add)
                {
                    queue.Add(key, (WorkPriority)(now % 2));
                    lastAdd[key] = now;
                }
                else if (queue.TryTake(out int taken))
                {
                    lastTake[taken] = now;
                    held.Enqueue(taken);
                }
                else if (held.TryDequeue(out int done))
                {
                    queue.Done(done);
                }
            }

            while (held.TryDequeue(out int done))
            {
                queue.Done(done);
            }

            while (queue.TryTake(out int taken))
            {
                lastTake[taken] = ++now;
                queue.Done(taken);
            }

            Assert.All(lastAdd, entry => Assert.True(lastTake.GetValueOrDefault(entry.Key) > entry.Value, $"the add of {entry.Key} was lost"));
        });

    [Fact]
    public void Bucket_NeverGivesMoreThanRateAndBurst() =>
        Gen.Select(Gen.Double[0.5, 100], Gen.Int[1, 50], Gen.Int[0, 2000].List[1, 200]).Sample((rate, burst, pauses) =>
        {
            var clock = new FakeTimeProvider();
            var bucket = new TokenBucket(rate, burst, clock);
            double elapsed = 0;
            List<double> due = [];
            foreach (int pause in pauses)
            {
                clock.Advance(TimeSpan.FromMilliseconds(pause));
                elapsed += pause / 1000.0;
                due.Add(elapsed + bucket.Reserve().TotalSeconds);
            }

            // In any window of t seconds at most burst + rate·t reservations fall due.
            for (int i = 0; i < due.Count; i++)
            {
                for (int j = i; j < due.Count; j++)
                {
                    Assert.True(j - i + 1 <= burst + (rate * (due[j] - due[i])) + 1e-3);
                }
            }

            // Reservations keep their order.
            Assert.Equal(due.Order(), due);
        });
}
