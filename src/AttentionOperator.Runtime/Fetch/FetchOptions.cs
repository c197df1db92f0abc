namespace AttentionOperator.Runtime.Fetch;

/// <summary>How artifacts are fetched.</summary>
internal sealed record FetchOptions
{
    /// <summary>Bytes of one range request.</summary>
    public long PartBytes { get; init; } = 32 << 20;

    /// <summary>Range requests at a time.</summary>
    public int Parallel { get; init; } = 4;

    /// <summary>Tries of one range before the fetch fails.</summary>
    public int Tries { get; init; } = 5;

    /// <summary>Wait after the first failed try; doubles.</summary>
    public TimeSpan FirstBackOff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest silence of a connection.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes that the cache may hold beside what was just fetched; null = no bound.</summary>
    public long? MaxCacheBytes { get; init; }
}
