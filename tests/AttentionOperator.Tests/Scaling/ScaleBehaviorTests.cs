using AttentionOperator.Scaling;
using k8s.Models;

namespace AttentionOperator.Tests.Scaling;

public sealed class ScaleBehaviorTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1, 5)]
    [InlineData(10, 20)]
    public void Without_policies_growth_is_doubling_or_four(int current, int most) => Assert.Equal(most, ScaleBehavior.Most(null, current, [], Now));

    [Fact]
    public void What_grew_within_the_period_counts()
    {
        ReplicaChange[] changes = [new(Now.AddSeconds(-10), 1, 5), new(Now.AddSeconds(-40), 7, 1)];
        Assert.Equal(5, ScaleBehavior.Most(null, 5, changes, Now));
        Assert.Equal(10, ScaleBehavior.Most(null, 5, changes, Now.AddSeconds(10)));
    }

    [Theory]
    [InlineData("Max", 5)]
    [InlineData("Min", 8)]
    [InlineData(null, 5)]
    [InlineData("Disabled", 10)]
    public void The_policy_that_counts_is_selected(string? select, int least)
    {
        var behavior = new V2HorizontalPodAutoscalerBehavior
        {
            ScaleDown = new V2HPAScalingRules
            {
                SelectPolicy = select,
                Policies = [new V2HPAScalingPolicy { Type = "Percent", Value = 50, PeriodSeconds = 60 }, new V2HPAScalingPolicy { Type = "Pods", Value = 2, PeriodSeconds = 60 }],
            },
        };
        Assert.Equal(least, ScaleBehavior.Least(behavior, 10, [], Now));
    }

    [Fact]
    public void Windows_have_the_defaults_of_autoscaling()
    {
        Assert.Equal(TimeSpan.Zero, ScaleBehavior.UpWindow(null));
        Assert.Equal(TimeSpan.FromSeconds(300), ScaleBehavior.DownWindow(null));
    }
}
