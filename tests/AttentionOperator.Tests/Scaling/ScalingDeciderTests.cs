using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Demand;
using AttentionOperator.Scaling;
using CsCheck;
using k8s.Models;

namespace AttentionOperator.Tests.Scaling;

public sealed class ScalingDeciderTests
{
    private static readonly V2HorizontalPodAutoscalerBehavior Prompt = new() { ScaleDown = new V2HPAScalingRules { StabilizationWindowSeconds = 0 } };

    [Fact]
    public void A_burst_is_answered_at_once_and_taken_back_after_the_stable_window()
    {
        var world = new ScalingWorld(new ScalingSpec { Mode = ScalingMode.Operator, MinReplicas = 1, MaxReplicas = 8, QueueDepthPerReplica = 2, Behavior = Prompt });
        world.Steps(70, queued: 0, running: 0);
        Assert.Equal(1, world.Replicas);

        world.Steps(6, queued: 8, running: 8);
        Assert.True(world.Replicas >= 4, $"{world.Replicas} replicas");
        var peak = world.Replicas;
        Assert.True(peak <= 6, $"{peak} replicas overshoot what 8 waiting and 8 running requests ask for");

        world.Steps(ScalingDecider.StableWindow.TotalSeconds - 10, queued: 0, running: 0);
        Assert.Equal(peak, world.Replicas);
        world.Steps(70, queued: 0, running: 0);
        Assert.Equal(1, world.Replicas);
        Assert.Equal([ScalingReason.ScaledUp, ScalingReason.ScaledDown], world.Reasons.Distinct());
    }

    [Fact]
    public void Replicas_that_keep_up_are_not_taken_away_because_their_queue_is_empty()
    {
        var world = new ScalingWorld(new ScalingSpec { Mode = ScalingMode.Operator, MinReplicas = 1, MaxReplicas = 8, Behavior = Prompt }, replicas: 4);
        world.Steps(300, queued: 0, running: 4 * 6);
        Assert.Equal(4, world.Replicas);
    }

    [Fact]
    public void A_model_sleeps_after_the_idle_time_and_wakes_with_the_first_request()
    {
        var world = new ScalingWorld(new ScalingSpec { MinReplicas = 0, MaxReplicas = 4, IdleTimeout = "5m" });
        world.Steps(299, queued: 0, running: 0);
        Assert.Equal(1, world.Replicas);
        world.Steps(3, queued: 0, running: 0);
        Assert.Equal(0, world.Replicas);
        world.Steps(1000, queued: 0, running: 0);
        Assert.Equal(0, world.Replicas);
        world.Steps(1, queued: 1, running: 0);
        Assert.Equal(1, world.Replicas);
        Assert.Equal([ScalingReason.ScaledToZero, ScalingReason.WokenUp], world.Reasons);
    }

    [Fact]
    public void What_was_woken_by_hand_stays_awake_for_the_idle_time()
    {
        var world = new ScalingWorld(new ScalingSpec { MinReplicas = 0, MaxReplicas = 4, IdleTimeout = "5m" });
        world.Steps(400, queued: 0, running: 0);
        world.Replicas = 1;
        world.Steps(290, queued: 0, running: 0);
        Assert.Equal(1, world.Replicas);
    }

    [Fact]
    public void A_model_that_was_switched_off_stays_so()
    {
        var world = new ScalingWorld(new ScalingSpec { Mode = ScalingMode.Operator, MinReplicas = 1, MaxReplicas = 4 }, replicas: 0);
        world.Steps(100, queued: 50, running: 0);
        Assert.Equal(0, world.Replicas);
    }

    [Fact]
    public void Bounds_hold_at_once()
    {
        var world = new ScalingWorld(new ScalingSpec { Mode = ScalingMode.Operator, MinReplicas = 3, MaxReplicas = 5 }, replicas: 1);
        world.Steps(1, queued: 0, running: 0);
        Assert.Equal(3, world.Replicas);
        world.Replicas = 9;
        world.Steps(1, queued: 0, running: 0);
        Assert.Equal(5, world.Replicas);
    }

    [Theory]
    [InlineData(RolloutPhase.Progressing)]
    [InlineData(RolloutPhase.Paused)]
    [InlineData(RolloutPhase.Baking)]
    public void Never_zero_while_a_rollout_runs(RolloutPhase phase)
    {
        var world = new ScalingWorld(new ScalingSpec { MinReplicas = 0, MaxReplicas = 4, IdleTimeout = "1m" }) { Phase = phase };
        world.Steps(500, queued: 0, running: 0);
        Assert.Equal(1, world.Replicas);
    }

    [Fact]
    public void That_the_load_is_not_known_is_said_once_a_minute()
    {
        var world = new ScalingWorld(new ScalingSpec { Mode = ScalingMode.Operator, MinReplicas = 1, MaxReplicas = 4 }, replicas: 3) { IsComplete = false };
        world.Steps(200, queued: 0, running: 0);
        Assert.Equal(3, world.Replicas);
        Assert.Equal([ScalingReason.LoadUnknown, ScalingReason.LoadUnknown, ScalingReason.LoadUnknown], world.Reasons);
    }

    [Fact]
    public void A_step_that_a_hand_takes_back_before_the_next_look_still_counts()
    {
        var scaling = new ScalingSpec
        {
            Mode = ScalingMode.Operator,
            MinReplicas = 1,
            MaxReplicas = 9,
            QueueDepthPerReplica = 1,
            Behavior = new V2HorizontalPodAutoscalerBehavior { ScaleUp = new V2HPAScalingRules { Policies = [new V2HPAScalingPolicy { Type = "Pods", Value = 2, PeriodSeconds = 10 }] } },
        };
        var world = new ScalingWorld(scaling);
        world.Steps(1, queued: 9, running: 0);
        Assert.Equal(3, world.Replicas);
        world.Replicas = 1;
        world.Steps(9, queued: 9, running: 0);
        Assert.Equal(1, world.Replicas);
        world.Steps(1, queued: 9, running: 0);
        Assert.Equal(3, world.Replicas);
    }

    /// <summary>
    /// Whatever the load, the gaps in what is known of it, restarts of the operator and hands that interfere: the bounds hold, the policies hold, no replica goes unless the
    /// whole window before was known, and none goes to zero while somebody asks, a rollout runs or anything is not known.
    /// </summary>
    [Fact]
    public void Any_load_keeps_the_rules() => Gen.Select(
        Gen.Select(Gen.Int[0, 2], Gen.Int[3, 12], Gen.Bool, Gen.Int[0, 120]),
        Gen.Select(Gen.Int[1, 90], Gen.Int[0, 60], Gen.Int[0, 40], Gen.Int[0, 9], Gen.Int[0, 30]).List[1, 20]).Sample((settings, phases) =>
        {
            var (least, most, operators, window) = settings;
            var spec = new ScalingSpec
            {
                Mode = operators ? ScalingMode.Operator : ScalingMode.Hpa,
                MinReplicas = least,
                MaxReplicas = most,
                IdleTimeout = "30s",
                QueueDepthPerReplica = 3,
                Behavior = new V2HorizontalPodAutoscalerBehavior
                {
                    ScaleUp = new V2HPAScalingRules { Policies = [new V2HPAScalingPolicy { Type = "Pods", Value = 2, PeriodSeconds = 10 }] },
                    ScaleDown = new V2HPAScalingRules { StabilizationWindowSeconds = window, Policies = [new V2HPAScalingPolicy { Type = "Pods", Value = 1, PeriodSeconds = 20 }] },
                },
            };
            var world = new ScalingWorld(spec, Math.Max(1, least));
            foreach (var (seconds, queued, running, trouble, hand) in phases)
            {
                world.IsComplete = trouble != 0;
                world.Phase = trouble == 1 ? RolloutPhase.Progressing : RolloutPhase.Completed;
                if (trouble == 2)
                {
                    world.Restart();
                }

                if (hand < most && trouble == 3)
                {
                    world.Replicas = Math.Max(hand, least);
                }

                for (var second = 0; second < seconds; second++)
                {
                    var before = world.Replicas;
                    world.Steps(1, queued, running);
                    var after = world.Replicas;
                    Assert.InRange(after, 0, most);
                    Assert.True(after > 0 || least == 0);
                    if (after > before && before > 0)
                    {
                        Assert.True(world.Grown(TimeSpan.FromSeconds(10)) <= 2 || before < least, $"{before} to {after}");
                    }

                    if (after < before)
                    {
                        Assert.True(world.IsComplete, "a replica was taken away without knowing the load");
                        Assert.True(after == 0 ? queued == 0 && running == 0 && world.Phase == RolloutPhase.Completed && world.IdleFor >= TimeSpan.FromSeconds(30) : world.KnownFor >= ScalingDecider.StableWindow - TimeSpan.FromSeconds(6), $"{before} to {after}");
                        Assert.True(after == 0 || world.Shrunk(TimeSpan.FromSeconds(20)) <= 1, $"{before} to {after}");
                    }

                    if (before == 0)
                    {
                        Assert.Equal(queued > 0 && least == 0, after > 0);
                    }
                }
            }
        },
        iter: 300);
}
