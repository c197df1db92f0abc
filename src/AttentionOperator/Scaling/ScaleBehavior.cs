using k8s.Models;

namespace AttentionOperator.Scaling;

/// <summary>
/// Policies and windows of <c>spec.scaling.behavior</c>, with the semantics and defaults of autoscaling/v2 (Kubernetes documentation, "Configurable scaling
/// behavior"). Pure.
/// </summary>
internal static class ScaleBehavior
{
    private static readonly V2HPAScalingRules DefaultUp = new()
    {
        StabilizationWindowSeconds = 0,
        SelectPolicy = "Max",
        Policies = [new V2HPAScalingPolicy { Type = "Pods", Value = 4, PeriodSeconds = 15 }, new V2HPAScalingPolicy { Type = "Percent", Value = 100, PeriodSeconds = 15 }],
    };

    private static readonly V2HPAScalingRules DefaultDown = new()
    {
        StabilizationWindowSeconds = 300,
        SelectPolicy = "Max",
        Policies = [new V2HPAScalingPolicy { Type = "Percent", Value = 100, PeriodSeconds = 15 }],
    };

    /// <summary>The longest time that a change is remembered for.</summary>
    public static readonly TimeSpan LongestPeriod = TimeSpan.FromSeconds(1800);

    public static TimeSpan UpWindow(V2HorizontalPodAutoscalerBehavior? behavior) => TimeSpan.FromSeconds(behavior?.ScaleUp?.StabilizationWindowSeconds ?? DefaultUp.StabilizationWindowSeconds!.Value);

    public static TimeSpan DownWindow(V2HorizontalPodAutoscalerBehavior? behavior) => TimeSpan.FromSeconds(behavior?.ScaleDown?.StabilizationWindowSeconds ?? DefaultDown.StabilizationWindowSeconds!.Value);

    /// <summary>Most replicas that may be asked for now.</summary>
    public static int Most(V2HorizontalPodAutoscalerBehavior? behavior, int current, IReadOnlyCollection<ReplicaChange> changes, DateTimeOffset now)
    {
        var rules = behavior?.ScaleUp;
        var policy = rules?.SelectPolicy ?? DefaultUp.SelectPolicy;
        if (policy == "Disabled")
        {
            return current;
        }

        var limits = Policies(rules, DefaultUp).Select(found =>
        {
            var before = current - Added(changes, now - TimeSpan.FromSeconds(found.PeriodSeconds));
            return found.Type == "Pods" ? before + (long)found.Value : (long)Math.Ceiling(before * (1 + (found.Value / 100m)));
        });
        return (int)Math.Clamp(policy == "Min" ? limits.Min() : limits.Max(), current, int.MaxValue);
    }

    /// <summary>Least replicas that may be asked for now.</summary>
    public static int Least(V2HorizontalPodAutoscalerBehavior? behavior, int current, IReadOnlyCollection<ReplicaChange> changes, DateTimeOffset now)
    {
        var rules = behavior?.ScaleDown;
        var policy = rules?.SelectPolicy ?? DefaultDown.SelectPolicy;
        if (policy == "Disabled")
        {
            return current;
        }

        var limits = Policies(rules, DefaultDown).Select(found =>
        {
            var before = current + Removed(changes, now - TimeSpan.FromSeconds(found.PeriodSeconds));
            return found.Type == "Pods" ? before - found.Value : (int)(before * (1 - (found.Value / 100m)));
        });
        return Math.Clamp(policy == "Min" ? limits.Max() : limits.Min(), 0, current);
    }

    private static IEnumerable<V2HPAScalingPolicy> Policies(V2HPAScalingRules? rules, V2HPAScalingRules defaults) => rules?.Policies is { Count: > 0 } policies ? policies : defaults.Policies;

    private static int Added(IEnumerable<ReplicaChange> changes, DateTimeOffset since) => changes.Where(change => change.At > since && change.To > change.From).Sum(change => change.To - change.From);

    private static int Removed(IEnumerable<ReplicaChange> changes, DateTimeOffset since) => changes.Where(change => change.At > since && change.To < change.From).Sum(change => change.From - change.To);
}
