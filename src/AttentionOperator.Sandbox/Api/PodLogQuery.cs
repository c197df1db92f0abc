namespace AttentionOperator.Sandbox.Api;

/// <summary>Which log, and how much of it.</summary>
public sealed record PodLogQuery(string Namespace, string Pod, string Container)
{
    public bool Follow { get; init; }

    /// <summary>The log of the container's previous run.</summary>
    public bool Previous { get; init; }

    public bool Timestamps { get; init; }

    public int? TailLines { get; init; }

    public long? LimitBytes { get; init; }

    public DateTimeOffset? Since { get; init; }
}
