namespace AttentionOperator.Sandbox.Faults;

/// <summary>One fault. A rule without a code, that neither drops nor silences, only delays.</summary>
public sealed record FaultRule
{
    /// <summary>HTTP method; null matches all.</summary>
    public string? Method { get; init; }

    /// <summary>Text that the request's path contains; null matches all.</summary>
    public string? PathContains { get; init; }

    /// <summary>Watches only (true), everything but watches (false), or both.</summary>
    public bool? Watch { get; init; }

    /// <summary>How many requests it hits; null for all.</summary>
    public int? Times { get; init; } = 1;

    /// <summary>HTTP code of the error to answer.</summary>
    public int? Code { get; init; }

    public int? RetryAfterSeconds { get; init; }

    /// <summary>Waits before anything else.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Cuts the connection without an answer.</summary>
    public bool Drop { get; init; }

    /// <summary>A watch that stays open and never says anything.</summary>
    public bool Silent { get; init; }

    /// <summary>Performs the write and then cuts the connection: the client cannot know what happened.</summary>
    public bool DropAfter { get; init; }

    internal bool Matches(string method, string path, bool watch) =>
        (Method is null || string.Equals(Method, method, StringComparison.OrdinalIgnoreCase))
        && (PathContains is null || path.Contains(PathContains, StringComparison.Ordinal))
        && (Watch is null || Watch == watch);
}
