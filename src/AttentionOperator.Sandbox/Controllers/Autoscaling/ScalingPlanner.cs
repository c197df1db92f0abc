using k8s.Models;

namespace AttentionOperator.Sandbox.Controllers.Autoscaling;

/// <summary>The autoscaler's decision from what the metrics ask for.</summary>
internal static class ScalingPlanner
{
    public static ScalingDecision Plan(
        V2HorizontalPodAutoscalerSpec spec, int current, IReadOnlyList<MetricProposal> proposals, ScalingHistory history, DateTimeOffset now)
    {
        var minimum = spec.MinReplicas ?? 1;
        if (current == 0 && minimum != 0)
        {
            return Unlimited(0, (false, "ScalingDisabled", "scaling is disabled since the replica count of the target is zero"), history);
        }

        if (current > spec.MaxReplicas || current < minimum)
        {
            var bound = Math.Clamp(current, minimum, spec.MaxReplicas);
            var reason = current < bound ? "Current number of replicas below Spec.MinReplicas" : "Current number of replicas above Spec.MaxReplicas";
            return Unlimited(bound, (true, "ValidMetricFound", "the target is brought within its bounds"), history) with { Reason = reason };
        }

        var best = proposals.Where(p => p.Replicas is not null).MaxBy(p => p.Replicas);
        var failed = proposals.FirstOrDefault(p => p.Replicas is null);
        // A metric that cannot be read might ask for more than those that can: it never lets the target shrink.
        if (best is null || (failed is not null && best.Replicas < current))
        {
            return Unlimited(current, (false, failed?.FailureReason ?? "FailedGetMetrics", failed?.FailureMessage ?? "the autoscaler has no metrics"), history);
        }

        var wish = best.Replicas!.Value;
        var stabilized = ScalingBehavior.Stabilize(spec, current, wish, history, now);
        var (replicas, limited) = Bound(spec, current, stabilized, minimum, history, now);
        if (replicas == stabilized && stabilized != wish)
        {
            limited = (false, "DesiredWithinRange", "the desired count is within the acceptable range");
        }

        return new ScalingDecision(
            replicas,
            (true, "ValidMetricFound", $"the HPA was able to successfully calculate a replica count from {best.Name}"),
            limited,
            wish > current ? $"{best.Name} above target" : "All metrics below target",
            history.WithRecommendation(now, wish));
    }

    private static (int Replicas, (bool, string, string) Limited) Bound(
        V2HorizontalPodAutoscalerSpec spec, int current, int desired, int minimum, ScalingHistory history, DateTimeOffset now)
    {
        if (desired > current)
        {
            var limit = ScalingBehavior.UpLimit(spec, current, history, now);
            if (desired > spec.MaxReplicas && spec.MaxReplicas <= limit)
            {
                return (spec.MaxReplicas, (true, "TooManyReplicas", "the desired replica count is more than the maximum replica count"));
            }

            if (desired > limit)
            {
                return (limit, (true, "ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate"));
            }
        }
        else if (desired < current)
        {
            var limit = ScalingBehavior.DownLimit(spec, current, history, now);
            if (desired < minimum && minimum >= limit)
            {
                return (minimum, (true, "TooFewReplicas", "the desired replica count is less than the minimum replica count"));
            }

            if (desired < limit)
            {
                return (limit, (true, "ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate"));
            }
        }

        return (desired, (false, "DesiredWithinRange", "the desired count is within the acceptable range"));
    }

    private static ScalingDecision Unlimited(int replicas, (bool, string, string) active, ScalingHistory history) =>
        new(replicas, active, (false, "DesiredWithinRange", "the desired count is within the acceptable range"), string.Empty, history);
}
