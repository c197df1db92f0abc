namespace AttentionOperator.Kube.Control;

/// <summary>How a reconcile ended. Unexpected errors are exceptions, not results.</summary>
public readonly record struct ReconcileResult
{
    private ReconcileResult(ReconcileOutcome outcome, TimeSpan delay, string reason)
    {
        Outcome = outcome;
        Delay = delay;
        Reason = reason;
    }

    /// <summary>Everything is as the spec says; the next event brings the key back.</summary>
    public static ReconcileResult Done { get; } = new(ReconcileOutcome.Done, TimeSpan.Zero, "");

    public ReconcileOutcome Outcome { get; }

    /// <summary>When to look again, for <see cref="ReconcileOutcome.Waiting"/>.</summary>
    public TimeSpan Delay { get; }

    /// <summary>PascalCase reason, for logs.</summary>
    public string Reason { get; }

    /// <summary>Something has to happen first; look again after the delay, or earlier when an event comes.</summary>
    public static ReconcileResult Waiting(TimeSpan delay, string reason)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(delay, TimeSpan.Zero);
        return new ReconcileResult(ReconcileOutcome.Waiting, delay, reason);
    }

    /// <summary>Trying again cannot help until something changes: no retry, no back-off.</summary>
    public static ReconcileResult Terminal(string reason) => new(ReconcileOutcome.Terminal, TimeSpan.Zero, reason);
}
