using AttentionOperator.Api.Runtime;

namespace AttentionOperator.Runtime;

/// <summary>Bounds of the server that do not depend on the loaded model.</summary>
internal sealed record RuntimeOptions
{
    private const long LeastBody = 1 << 20;
    private const long MostBody = 64 << 20;

    /// <summary>Largest request body in bytes.</summary>
    public long MaxBodyBytes { get; init; } = 8 << 20;

    /// <summary>What internal callers must present; null = nobody is internal.</summary>
    public string? InternalToken { get; init; }

    public int TokenizerThreads { get; init; } = Math.Clamp(Environment.ProcessorCount / 2, 1, 8);

    /// <summary>Inputs that may wait for the tokenizer threads.</summary>
    public int TokenizerQueue { get; init; } = 1024;

    public int MaxConnections { get; init; } = 8192;

    /// <summary>How slow a body may arrive before the request is ended (slowloris), in bytes per second after a grace of 5 s.</summary>
    public double MinBodyBytesPerSecond { get; init; } = 240;

    /// <summary>Time for a request's headers.</summary>
    public TimeSpan HeaderTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Record prompts and answers in spans. Off unless somebody asks for it.</summary>
    public bool CapturesContent { get; init; }

    public static RuntimeOptions From(RuntimeConfiguration configuration, string? internalToken, string? captureContent = null)
    {
        // A batch of documents at the cap, each token some bytes of JSON; without a cap, the default.
        long body = configuration.Limits.MaxInputTokens is { } tokens ? tokens * 16L * 64 : 8 << 20;
        return new RuntimeOptions
        {
            MaxBodyBytes = Math.Clamp(body, LeastBody, MostBody),
            InternalToken = string.IsNullOrEmpty(internalToken) ? null : internalToken,
            CapturesContent = string.Equals(captureContent, "true", StringComparison.OrdinalIgnoreCase),
        };
    }
}
