namespace AttentionOperator.Gateway.Batches;

/// <summary>Where batches are kept, and their bounds.</summary>
internal sealed record BatchOptions
{
    /// <summary>Outlives the process; several gateways may share it. Null = no batches.</summary>
    public string? Directory { get; init; }

    public long MaxFileBytes { get; init; } = 100L * 1024 * 1024;

    /// <summary>All files of all callers together.</summary>
    public long MaxTotalBytes { get; init; } = 4L * 1024 * 1024 * 1024;

    /// <summary>Requests of one batch; as in OpenAI's API.</summary>
    public int MaxRequests { get; init; } = 50_000;

    /// <summary>Requests of one batch that run at the same time.</summary>
    public int AtOnce { get; init; } = 8;

    /// <summary>How long files and finished batches are kept.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How often it is looked for batches that nobody runs.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(5);

    public bool IsOn => Directory is not null;
}
