namespace AttentionOperator.Kube.Leases;

/// <summary>
/// What a candidate knows about another's record: since when, by its own monotonic clock, the record has not changed.
/// Clocks of different machines are compared only with a tolerance. Pure.
/// </summary>
internal sealed class LeaseObservation(TimeProvider time)
{
    private string version = "";
    private long since;

    public void See(LeaseState state)
    {
        if (version != state.Version)
        {
            version = state.Version;
            since = time.GetTimestamp();
        }
    }

    /// <summary>How long the record still binds us; zero or less where it may be taken.</summary>
    public TimeSpan Remaining(LeaseRecord record, string identity, TimeSpan clockTolerance)
    {
        if (record.Holder.Length == 0 || record.Holder == identity)
        {
            return TimeSpan.Zero;
        }

        if (record.RenewedAt + record.Duration + clockTolerance < time.GetUtcNow())
        {
            return TimeSpan.Zero;
        }

        return record.Duration - time.GetElapsedTime(since);
    }
}
