namespace AttentionOperator.Sandbox.NodeAgent.Probes;

/// <summary>
/// A probe's verdict from its results: it changes only after as many equal results in a row as the threshold says.
/// </summary>
/// <param name="Verdict">Success, failure, or null before the first threshold is reached.</param>
/// <param name="LastResult">The newest single result.</param>
/// <param name="Run">How many results in a row were like the newest.</param>
internal readonly record struct ProbeTracker(bool? Verdict, bool? LastResult, int Run)
{
    public ProbeTracker Observe(bool success, int successThreshold, int failureThreshold)
    {
        var run = LastResult == success ? Run + 1 : 1;
        var threshold = success ? successThreshold : failureThreshold;
        return new ProbeTracker(run >= Math.Max(1, threshold) ? success : Verdict, success, run);
    }
}
