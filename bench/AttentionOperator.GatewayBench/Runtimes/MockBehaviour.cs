namespace AttentionOperator.GatewayBench.Runtimes;

/// <summary>How a mock runtime answers.</summary>
internal sealed record MockBehaviour
{
    public string Fingerprint { get; init; } = "";

    /// <summary>Tokens that every prompt is said to have.</summary>
    public int PromptTokens { get; init; } = 200;

    /// <summary>Until an answer that is no stream is given.</summary>
    public TimeSpan ServiceTime { get; init; }

    /// <summary>Between two tokens of a stream; zero: a stream comes in one piece.</summary>
    public TimeSpan TokenInterval { get; init; }
}
