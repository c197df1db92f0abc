using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.Autoscaling;

/// <summary>
/// Stabilization windows and rate policies of an autoscaler, with the defaults of the autoscaling/v2 API where the object says nothing.
/// </summary>
internal static class ScalingBehavior
{
    private static readonly V2HPAScalingRules DefaultUp = new()
    {
        StabilizationWindowSeconds = 0,
        SelectPolicy = "Max",
        Policies =
        [
            new V2HPAScalingPolicy { Type = "Percent", Value = 100, PeriodSeconds = 15 },
            new V2HPAScalingPolicy { Type = "Pods", Value = 4, PeriodSeconds = 15 },
        ],
    };

    private static readonly V2HPAScalingRules DefaultDown = new()
    {
        StabilizationWindowSeconds = 300,
        SelectPolicy = "Max",
        Policies = [new V2HPAScalingPolicy { Type = "Percent", Value = 100, PeriodSeconds = 15 }],
    };

    public static V2HPAScalingRules Up(V2HorizontalPodAutoscalerSpec spec) => Complete(spec.Behavior?.ScaleUp, DefaultUp);

    public static V2HPAScalingRules Down(V2HorizontalPodAutoscalerSpec spec) => Complete(spec.Behavior?.ScaleDown, DefaultDown);

    /// <summary>The highest of the recent recommendations when shrinking, the lowest when growing.</summary>
    public static int Stabilize(V2HorizontalPodAutoscalerSpec spec, int current, int desired, ScalingHistory history, DateTimeOffset now)
    {
        var up = desired;
        var down = desired;
        var upFrom = now - TimeSpan.FromSeconds(Up(spec).StabilizationWindowSeconds ?? 0);
        var downFrom = now - TimeSpan.FromSeconds(Down(spec).StabilizationWindowSeconds ?? 300);
        foreach (var recommendation in history.Recommendations)
        {
            up = recommendation.At > upFrom ? Math.Min(up, recommendation.Replicas) : up;
            down = recommendation.At > downFrom ? Math.Max(down, recommendation.Replicas) : down;
        }

        var result = Math.Max(current, up);
        return Math.Min(result, down);
    }

    /// <summary>The most replicas that the scale-up policies allow now.</summary>
    public static int UpLimit(V2HorizontalPodAutoscalerSpec spec, int current, ScalingHistory history, DateTimeOffset now)
    {
        var rules = Up(spec);
        if (rules.SelectPolicy == "Disabled")
        {
            return current;
        }

        var limits = rules.Policies.Select(policy =>
        {
            var start = PeriodStart(policy, current, history, now);
            return policy.Type == "Pods" ? start + policy.Value : (int)Math.Ceiling(start * (1 + (policy.Value / 100m)));
        });
        return Math.Max(current, rules.SelectPolicy == "Min" ? limits.Min() : limits.Max());
    }

    /// <summary>The fewest replicas that the scale-down policies allow now.</summary>
    public static int DownLimit(V2HorizontalPodAutoscalerSpec spec, int current, ScalingHistory history, DateTimeOffset now)
    {
        var rules = Down(spec);
        if (rules.SelectPolicy == "Disabled")
        {
            return current;
        }

        var limits = rules.Policies.Select(policy =>
        {
            var start = PeriodStart(policy, current, history, now);
            return policy.Type == "Pods" ? start - policy.Value : (int)(start * (1 - (policy.Value / 100m)));
        });
        return Math.Min(current, rules.SelectPolicy == "Min" ? limits.Max() : limits.Min());
    }

    // How many replicas there were when the policy's period began.
    private static int PeriodStart(V2HPAScalingPolicy policy, int current, ScalingHistory history, DateTimeOffset now)
    {
        var from = now - TimeSpan.FromSeconds(policy.PeriodSeconds);
        var added = history.ScaleUps.Where(e => e.At > from).Sum(e => e.Replicas);
        var removed = history.ScaleDowns.Where(e => e.At > from).Sum(e => e.Replicas);
        return current - added + removed;
    }

    private static V2HPAScalingRules Complete(V2HPAScalingRules? rules, V2HPAScalingRules defaults) => rules is null
        ? defaults
        : rules with
        {
            StabilizationWindowSeconds = rules.StabilizationWindowSeconds ?? defaults.StabilizationWindowSeconds,
            SelectPolicy = rules.SelectPolicy ?? defaults.SelectPolicy,
            Policies = rules.Policies is { Count: > 0 } ? rules.Policies : defaults.Policies,
        };
}
