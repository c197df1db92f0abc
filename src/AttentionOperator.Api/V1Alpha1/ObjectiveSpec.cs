namespace AttentionOperator.Api.V1Alpha1;

/// <summary>One objective: a share of requests that must be good.</summary>
public sealed record ObjectiveSpec
{
    /// <summary>Name, unique within the model.</summary>
    public string Name { get; init; } = "";

    /// <summary>What is measured.</summary>
    public ObjectiveType Type { get; init; }

    /// <summary>Share that must be good, in percent, for example "99.9".</summary>
    public string Target { get; init; } = "99";

    /// <summary>Time within which a request is good, as a duration; for Latency, TimeToFirstToken and TimePerOutputToken.</summary>
    public string? Threshold { get; init; }
}
