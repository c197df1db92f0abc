using System.Collections.Immutable;

namespace AttentionOperator.Scaling;

/// <summary>The samples of the last while, oldest first. Immutable.</summary>
internal sealed record LoadWindow(ImmutableList<LoadSample> Samples)
{
    public static readonly LoadWindow Empty = new([]);

    // Samples come every second; what is further apart leaves a gap in which anything may have happened.
    private static readonly TimeSpan LargestGap = TimeSpan.FromSeconds(5);

    public LoadWindow With(LoadSample sample, TimeSpan keep)
    {
        var samples = Samples.RemoveAll(old => sample.At - old.At > keep + LargestGap || old.At > sample.At);
        return new LoadWindow(samples.Add(sample));
    }

    /// <summary>Mean of what was asked for since a moment; null where nothing was sampled.</summary>
    public decimal? Mean(DateTimeOffset since)
    {
        var (sum, count) = (0m, 0);
        foreach (var sample in Samples.Where(sample => sample.At >= since))
        {
            (sum, count) = (sum + sample.Wanted, count + 1);
        }

        return count == 0 ? null : sum / count;
    }

    /// <summary>True where the time since a moment is covered without gaps, by complete samples only: nothing else may take a replica away.</summary>
    public bool Covers(DateTimeOffset since, DateTimeOffset now)
    {
        var last = since;
        foreach (var sample in Samples)
        {
            if (sample.At < since)
            {
                continue;
            }

            if (!sample.IsComplete || sample.At - last > LargestGap)
            {
                return false;
            }

            last = sample.At;
        }

        return last > since && now - last <= LargestGap;
    }
}
