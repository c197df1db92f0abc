namespace AttentionOperator.Api.V1Alpha1;

/// <summary>How clients reach the model.</summary>
public sealed record TrafficSpec
{
    /// <summary>Other names that clients may use.</summary>
    public IReadOnlyList<string>? Aliases { get; init; }

    /// <summary>Header whose value keeps a caller on one revision; <c>user</c> uses the request's user field.</summary>
    public string? Sticky { get; init; }

    /// <summary>Copy a share of requests to a revision.</summary>
    public MirrorSpec? Mirror { get; init; }
}
