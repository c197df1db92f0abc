namespace AttentionOperator.Sandbox.NodeAgent.Logs;

/// <summary>The query of <c>GET …/pods/{name}/log</c>.</summary>
public sealed record PodLogOptions
{
    /// <summary>The container; may be left out where the pod has only one.</summary>
    public string? Container { get; init; }

    public bool Follow { get; init; }

    /// <summary>The run before the present one.</summary>
    public bool Previous { get; init; }

    public bool Timestamps { get; init; }

    public int? TailLines { get; init; }

    public long? LimitBytes { get; init; }

    public DateTimeOffset? Since { get; init; }
}
