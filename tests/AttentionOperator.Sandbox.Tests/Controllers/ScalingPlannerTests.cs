using AttentionOperator.Sandbox.Controllers.Autoscaling;
using CsCheck;
using k8s;
using k8s.Models;

namespace AttentionOperator.Sandbox.Tests.Controllers;

public sealed class ScalingPlannerTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(200, 100, 3, 3, 6)]
    [InlineData(50, 100, 4, 4, 2)]
    [InlineData(109, 100, 3, 3, 3)]
    [InlineData(91, 100, 3, 3, 3)]
    [InlineData(111, 100, 3, 3, 4)]
    [InlineData(250, 100, 0, 0, 3)]
    [InlineData(200, 100, 1, 3, 2)]
    public void ForValue_ScalesReadyPodsByTheRatio(int value, int target, int ready, int current, int expected) =>
        Assert.Equal(expected, MetricMath.ForValue(value, target, ready, current, 0.1m, 0.1m));

    [Theory]
    [InlineData(30, 10, 1, 3)]
    [InlineData(30, 10, 3, 3)]
    [InlineData(32, 10, 3, 3)]
    [InlineData(34, 10, 3, 4)]
    [InlineData(0, 10, 3, 0)]
    [InlineData(5, 10, 0, 1)]
    public void ForAverage_DividesTheTotal(int total, int target, int current, int expected) =>
        Assert.Equal(expected, MetricMath.ForAverage(total, target, current, 0.1m, 0.1m));

    [Theory]
    [InlineData("20,20", 0, 10, 2, 4)]
    [InlineData("20", 1, 10, 2, 2)]
    [InlineData("1", 1, 10, 2, 2)]
    [InlineData("1,1,1", 1, 10, 4, 2)]
    [InlineData("", 2, 10, 2, 2)]
    public void ForPods_MissingValuesNeverEnlargeAChange(string values, int missing, int target, int current, int expected) =>
        Assert.Equal(expected, MetricMath.ForPods([.. values.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(decimal.Parse)], missing, target, current, 0.1m, 0.1m));

    [Fact]
    public void Plan_TakesTheMostThatAnyMetricAsksFor()
    {
        var decision = Plan(Spec(), 2, [Wish(3), Wish(4), Wish(1)]);

        Assert.Equal(4, decision.Replicas);
    }

    [Fact]
    public void Plan_WithAMissingMetric_GrowsButNeverShrinks()
    {
        Assert.Equal(5, Plan(Spec(), 2, [Wish(5), Missing]).Replicas);
        var decision = Plan(Spec(), 4, [Wish(1), Missing]);
        Assert.Equal(4, decision.Replicas);
        Assert.Equal((false, "FailedGetExternalMetric"), (decision.Active.Status, decision.Active.Reason));
    }

    [Fact]
    public void Plan_AtZeroWithAMinimumAboveZero_IsDisabled()
    {
        var decision = Plan(Spec(), 0, [Wish(5)]);

        Assert.Equal((0, "ScalingDisabled"), (decision.Replicas, decision.Active.Reason));
    }

    [Fact]
    public void Plan_FromZeroWithMinimumZero_Grows() => Assert.Equal(2, Plan(Spec("minReplicas: 0"), 0, [Wish(2)]).Replicas);

    [Theory]
    [InlineData(1, 50, 5, "ScaleUpLimit")]
    [InlineData(8, 50, 10, "TooManyReplicas")]
    public void Plan_GrowsAtMostByThePoliciesAndToTheMaximum(int current, int wish, int expected, string reason)
    {
        var decision = Plan(Spec(), current, [Wish(wish)]);

        Assert.Equal((expected, reason), (decision.Replicas, decision.Limited.Reason));
    }

    [Fact]
    public void Plan_ShrinksOnlyToTheHighestRecommendationOfTheWindow()
    {
        var spec = Spec();
        var history = ScalingHistory.Empty.WithRecommendation(Now.AddSeconds(-200), 6);

        Assert.Equal(6, ScalingPlanner.Plan(spec, 8, [Wish(2)], history, Now).Replicas);
        Assert.Equal(2, ScalingPlanner.Plan(spec, 8, [Wish(2)], history, Now.AddSeconds(150)).Replicas);
    }

    [Fact]
    public void Plan_WithAScaleDownPolicy_TakesItsPeriodIntoAccount()
    {
        var spec = Spec("behavior: { scaleDown: { stabilizationWindowSeconds: 0, policies: [{ type: Pods, value: 2, periodSeconds: 60 }] } }");
        var first = ScalingPlanner.Plan(spec, 8, [Wish(1)], ScalingHistory.Empty, Now);
        Assert.Equal((6, "ScaleDownLimit"), (first.Replicas, first.Limited.Reason));

        var history = first.History.WithChange(Now, 8, 6);
        Assert.Equal(6, ScalingPlanner.Plan(spec, 6, [Wish(1)], history, Now.AddSeconds(30)).Replicas);
        Assert.Equal(4, ScalingPlanner.Plan(spec, 6, [Wish(1)], history, Now.AddSeconds(61)).Replicas);
    }

    [Fact]
    public void Plan_WithDisabledScaleDown_StaysUp() =>
        Assert.Equal(8, Plan(Spec("behavior: { scaleDown: { selectPolicy: Disabled, stabilizationWindowSeconds: 0 } }"), 8, [Wish(1)]).Replicas);

    [Fact]
    public void Plan_ForAnyInput_StaysWithinTheBoundsAndMovesTowardsTheWish() =>
        Gen.Select(Gen.Int[1, 5], Gen.Int[0, 15], Gen.Int[1, 30], Gen.Int[0, 60], Gen.Int[0, 30].List[0, 5]).Sample((minimum, extra, current, wish, recommendations) =>
        {
            var spec = Spec($"minReplicas: {minimum}\nmaxReplicas: {minimum + extra}");
            var history = recommendations.Select((r, i) => (r, i)).Aggregate(ScalingHistory.Empty, (h, r) => h.WithRecommendation(Now.AddSeconds(-400 + (100 * r.i)), r.r));

            var decision = ScalingPlanner.Plan(spec, current, [Wish(wish)], history, Now);

            Assert.InRange(decision.Replicas, minimum, minimum + extra);
            if (current >= minimum && current <= minimum + extra)
            {
                Assert.True(decision.Replicas >= current || wish < current, "it shrank against the wish");
                Assert.True(decision.Replicas <= current || wish > current, "it grew against the wish");
            }
        });

    private static MetricProposal Missing => MetricProposal.Failed("external metric q", "FailedGetExternalMetric", "no metrics returned");

    private static MetricProposal Wish(int replicas) => new(replicas, "external metric q", null);

    private static ScalingDecision Plan(V2HorizontalPodAutoscalerSpec spec, int current, MetricProposal[] proposals) =>
        ScalingPlanner.Plan(spec, current, proposals, ScalingHistory.Empty, Now);

    private static V2HorizontalPodAutoscalerSpec Spec(string yaml = "") => KubernetesYaml.Deserialize<V2HorizontalPodAutoscalerSpec>(
        (yaml.Contains("maxReplicas", StringComparison.Ordinal) ? string.Empty : "maxReplicas: 10\n") + yaml);
}
