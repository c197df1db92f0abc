namespace AttentionOperator.Runtime.Startup;

/// <summary>Exit codes of <c>attention-runtime</c>.</summary>
internal static class ExitCodes
{
    /// <summary>Stopped by a signal after a drain; or fetched.</summary>
    public const int Ok = 0;

    /// <summary>Did not start; the termination message says why.</summary>
    public const int StartFailed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>The engine failed for good while serving; the termination message says how.</summary>
    public const int EngineFailed = 3;

    /// <summary>A fetch that a signal ended.</summary>
    public const int Interrupted = 130;
}
