namespace AttentionOperator.Sandbox.NodeAgent.Logs;

/// <summary>How much of a log, and in which form.</summary>
internal sealed record PodLogOptions
{
    public bool Follow { get; init; }

    public bool Timestamps { get; init; }

    public int? TailLines { get; init; }

    public long? LimitBytes { get; init; }

    public DateTimeOffset? Since { get; init; }
}
