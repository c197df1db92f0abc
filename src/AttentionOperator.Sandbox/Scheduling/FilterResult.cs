namespace AttentionOperator.Sandbox.Scheduling;

/// <summary>The outcome of a node's filters.</summary>
/// <param name="Reasons">Why the pod does not fit; empty when it does.</param>
/// <param name="Preemptible">Whether the node could fit if other pods left it.</param>
internal sealed record FilterResult(IReadOnlyList<string> Reasons, bool Preemptible)
{
    public static FilterResult Fits { get; } = new([], false);

    public bool IsFit => Reasons.Count == 0;

    public static FilterResult Permanent(string reason) => new([reason], Preemptible: false);
}
