namespace AttentionOperator.Kube.Queues;

/// <summary>first · 2ⁿ, capped, and optionally spread by a random share so that clients do not come back together.</summary>
public sealed class ExponentialBackoff(TimeSpan first, TimeSpan cap, double jitter = 0, Random? random = null)
{
    /// <summary>The wait after the given number of failures; the first failure is number 0.</summary>
    public TimeSpan Delay(int failures)
    {
        double ticks = first.Ticks * Math.Pow(2, Math.Clamp(failures, 0, 62));
        double capped = Math.Min(ticks, cap.Ticks);
        if (jitter > 0 && random is not null)
        {
            lock (random)
            {
                capped *= 1 + (jitter * random.NextDouble());
            }
        }

        return TimeSpan.FromTicks((long)capped);
    }
}
