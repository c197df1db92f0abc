namespace AttentionOperator.Kube.Leases;

/// <summary>Timing of a lease. LeaseDuration &gt; RenewDeadline &gt; RetryPeriod, so that a leader stops before another may start.</summary>
public sealed class LeaseOptions
{
    /// <summary>Who we are: unique among the candidates, usually the pod's name.</summary>
    public required string Identity { get; init; }

    /// <summary>How long others wait after our last renewal; it is written into the record, and each record is honoured with its own.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A leader that could not renew for this long stops.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Bounds one request, so that a hanging one leaves time for another before the deadline.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>
    /// A record whose own times say that it ran out longer ago than this is taken at once, without watching it for a whole duration first.
    /// Must exceed any difference between the candidates' clocks.
    /// </summary>
    public TimeSpan ClockTolerance { get; init; } = TimeSpan.FromSeconds(15);

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Identity);
        if (LeaseDuration <= RenewDeadline || RenewDeadline <= RetryPeriod || RetryPeriod <= TimeSpan.Zero)
        {
            throw new ArgumentException($"LeaseDuration ({LeaseDuration}) > RenewDeadline ({RenewDeadline}) > RetryPeriod ({RetryPeriod}) > 0 was expected.");
        }
    }
}
