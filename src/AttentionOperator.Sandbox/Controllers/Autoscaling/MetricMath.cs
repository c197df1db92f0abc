namespace AttentionOperator.Sandbox.Controllers.Autoscaling;

/// <summary>
/// Replicas from a metric's value: <c>ceil(replicas × value ÷ target)</c>, and no change while the ratio is within the tolerance of one
/// (Kubernetes documentation, "Horizontal Pod Autoscaling", algorithm details).
/// </summary>
internal static class MetricMath
{
    public const decimal DefaultTolerance = 0.1m;

    /// <summary>A value to be held at a target by the ready pods together.</summary>
    public static int ForValue(decimal value, decimal target, int ready, int current, decimal toleranceUp, decimal toleranceDown)
    {
        var ratio = value / target;
        if (current == 0)
        {
            return (int)decimal.Ceiling(ratio);
        }

        return Within(ratio, toleranceUp, toleranceDown) ? current : (int)decimal.Ceiling(ratio * ready);
    }

    /// <summary>A total of which each pod should have a share.</summary>
    public static int ForAverage(decimal total, decimal targetPerPod, int current, decimal toleranceUp, decimal toleranceDown)
    {
        if (current > 0 && Within(total / (targetPerPod * current), toleranceUp, toleranceDown))
        {
            return current;
        }

        return (int)decimal.Ceiling(total / targetPerPod);
    }

    /// <summary>
    /// Values of single pods. Pods without a value are taken to be at the target when shrinking and idle when growing, so that a missing metric never
    /// makes a change larger; where that would turn the direction around nothing changes.
    /// </summary>
    public static int ForPods(IReadOnlyCollection<decimal> values, int missing, decimal target, int current, decimal toleranceUp, decimal toleranceDown)
    {
        if (values.Count == 0)
        {
            return current;
        }

        var ratio = values.Average() / target;
        if (missing == 0)
        {
            return Within(ratio, toleranceUp, toleranceDown) ? current : (int)decimal.Ceiling(ratio * values.Count);
        }

        var assumed = ratio < 1 ? target : 0;
        var count = values.Count + missing;
        var filled = (values.Sum() + (assumed * missing)) / count / target;
        if (Within(filled, toleranceUp, toleranceDown) || (ratio < 1 && filled > 1) || (ratio > 1 && filled < 1))
        {
            return current;
        }

        var next = (int)decimal.Ceiling(filled * count);
        return (filled < 1 && next > current) || (filled > 1 && next < current) ? current : next;
    }

    private static bool Within(decimal ratio, decimal up, decimal down) => ratio >= 1 - down && ratio <= 1 + up;
}
