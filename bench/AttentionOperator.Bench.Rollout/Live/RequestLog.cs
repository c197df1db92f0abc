namespace AttentionOperator.Bench.Rollout.Live;

/// <summary>What became of the requests of one model, in the order in which they were sent.</summary>
internal sealed class RequestLog
{
    // A canary at 5 % gets one request in twenty: where twenty in a row went elsewhere, its weight at the gateway was 0.
    private const int Witnesses = 20;

    private readonly Lock gate = new();
    private readonly List<Entry> entries = [];

    /// <param name="sent">Seconds on the bench's clock.</param>
    public int Begin(double sent)
    {
        lock (gate)
        {
            entries.Add(new Entry(sent, null, false));
            return entries.Count - 1;
        }
    }

    public void End(int index, string? revision, bool bad)
    {
        lock (gate)
        {
            entries[index] = entries[index] with { Revision = revision ?? "", Bad = bad };
        }
    }

    /// <summary>Seconds from the canary's first bad request to the moment that shows that the gateway sends it nothing; null while that is not shown.</summary>
    public double? Rollback(string canary)
    {
        lock (gate)
        {
            var first = entries.FindIndex(entry => entry.Revision == canary && entry.Bad);
            var last = entries.FindLastIndex(entry => entry.Revision == canary);
            var shown = last + Witnesses;
            return first < 0 || shown >= entries.Count || entries.GetRange(last, Witnesses + 1).Any(entry => entry.Revision is null) ? null : entries[shown].Sent - entries[first].Sent;
        }
    }

    private sealed record Entry(double Sent, string? Revision, bool Bad);
}
