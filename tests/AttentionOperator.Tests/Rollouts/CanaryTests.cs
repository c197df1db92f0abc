using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Rollouts;

namespace AttentionOperator.Tests.Rollouts;

public sealed class CanaryTests
{
    private static readonly Func<string, double> BadCanary = revision => revision == "b" ? 0.5 : 0.01;

    [Fact]
    public void Healthy_canary_goes_through_all_steps_and_bakes()
    {
        var world = RolloutWorld.Serving(slo: RolloutWorld.Errors());
        world.Target = "b";
        var weights = new List<int>();
        world.Run(() =>
        {
            if (weights.Count == 0 || weights[^1] != world.WeightOf("b"))
            {
                weights.Add(world.WeightOf("b"));
            }

            return world.Stable == "b";
        });
        Assert.Equal([0, 5, 25, 50, 100], weights.Where(weight => weight is 0 or 5 or 25 or 50 or 100));
        Assert.Equal(weights.Order(), weights);
        Assert.Equal((RolloutPhase.Baking, "a"), (world.Status!.Phase, world.Status.Previous));
        world.Run(() => world.Status!.Phase == RolloutPhase.Completed, seconds: 10);
        world.Run(() => world.Workloads.Count == 1, seconds: 10);
        Assert.Equal(["b"], world.Workloads.Keys);
        Assert.Contains(nameof(RolloutReason.Promoted), world.Events);
        Assert.Null(world.Last!.Stall);
    }

    [Fact]
    public void Violating_canary_loses_its_traffic_in_one_pass_and_stays_rejected()
    {
        var world = Canary(5);
        world.Serve(1000, BadCanary);
        var decision = world.Pass();
        Assert.Equal((0, "a", 100), (world.WeightOf("b"), world.Stable, world.WeightOf("a")));
        var rejected = Assert.Single(world.Rejected);
        Assert.Equal(("b", nameof(RolloutReason.SloViolated)), (rejected.Hash, rejected.Reason));
        Assert.Contains("canary requests bad", rejected.Message, StringComparison.Ordinal);
        Assert.Equal(nameof(RolloutReason.SloViolated), decision.Stall!.Reason);
        for (var i = 0; i < 20; i++)
        {
            world.PodsFollow();
            world.Now += TimeSpan.FromSeconds(30);
            world.Pass();
        }

        Assert.Equal(["a"], world.Workloads.Keys);
        Assert.Equal(RolloutPhase.RolledBack, world.Status!.Phase);
        Assert.Null(world.Last!.LookAgainAfter);
    }

    [Theory]
    [InlineData("pause")]
    [InlineData("approval")]
    [InlineData("spec")]
    public void Nothing_that_waits_keeps_a_rollback_from_happening(string gate)
    {
        var spec = gate == "approval" ? new RolloutSpec { Steps = [new RolloutStep { Weight = 5, Approval = true }] } : new RolloutSpec();
        var world = RolloutWorld.Serving(spec, RolloutWorld.Errors());
        world.Target = "b";
        world.Run(() => world.WeightOf("b") == 5);
        if (gate == "pause")
        {
            world.Action = "pause@1";
            world.Pass();
            Assert.Equal(nameof(RolloutReason.Paused), world.Status!.Reason);
        }
        else if (gate == "spec")
        {
            world.Spec = spec with { Paused = true };
        }
        else
        {
            world.Run(() => world.Status!.Reason == nameof(RolloutReason.AwaitingApproval));
        }

        world.Serve(2000, BadCanary);
        world.Pass();
        Assert.Equal(0, world.WeightOf("b"));
        Assert.Equal("b", Assert.Single(world.Rejected).Hash);
    }

    [Fact]
    public void Burn_that_the_stable_revision_shares_pauses_and_says_so()
    {
        var world = Canary(5);
        world.Serve(2000, _ => 0.5);
        world.Pass();
        Assert.Empty(world.Rejected);
        Assert.Equal((RolloutPhase.Paused, nameof(RolloutReason.AmbientBurn)), (world.Status!.Phase, world.Status.Reason));
        Assert.Equal(5, world.WeightOf("b"));
        Assert.Contains(nameof(RolloutReason.AmbientBurn), world.Events);
    }

    [Theory]
    [InlineData(NoTrafficPolicy.Hold)]
    [InlineData(NoTrafficPolicy.Promote)]
    public void Silence_holds_or_promotes_as_the_spec_says(NoTrafficPolicy policy)
    {
        var world = RolloutWorld.Serving(new RolloutSpec { OnNoTraffic = policy }, RolloutWorld.Errors());
        world.Target = "b";
        for (var i = 0; i < 300 && world.Stable == "a"; i++)
        {
            world.Pass();
            world.PodsFollow();
            world.Now += TimeSpan.FromSeconds(10);
        }

        Assert.Equal(policy == NoTrafficPolicy.Promote ? "b" : "a", world.Stable);
        if (policy == NoTrafficPolicy.Hold)
        {
            Assert.Equal((nameof(RolloutReason.NoTraffic), 5), (world.Status!.Reason, world.WeightOf("b")));
        }
    }

    [Fact]
    public void Unreadable_counters_hold()
    {
        var world = Canary(5);
        world.CanReadCounters = false;
        world.Run(() => world.Status!.Reason == nameof(RolloutReason.CountersUnavailable));
        world.CanReadCounters = true;
        world.Run(() => world.Stable == "b");
    }

    [Fact]
    public void Few_requests_are_inconclusive()
    {
        var world = RolloutWorld.Serving(new RolloutSpec { MinRequests = 500 }, RolloutWorld.Errors());
        world.Target = "b";
        world.Run(() => world.Status!.Reason == nameof(RolloutReason.Inconclusive), requests: 20);
        Assert.Equal(5, world.WeightOf("b"));
        world.Run(() => world.WeightOf("b") == 25, requests: 1000);
    }

    [Fact]
    public void Canary_that_never_gets_ready_is_rejected_at_the_deadline_with_the_cause()
    {
        var world = RolloutWorld.Serving();
        world.Target = "b";
        world.Broken.Add("b");
        world.Run(() => world.Rejected.Count > 0, seconds: 30);
        Assert.Equal(nameof(RolloutReason.ProgressDeadlineExceeded), world.Rejected[0].Reason);
        Assert.Contains("no such directory", world.Rejected[0].Message, StringComparison.Ordinal);
        Assert.Equal(100, world.WeightOf("a"));
        world.Run(() => world.Workloads.Count == 1, seconds: 5);
    }

    [Fact]
    public void Losing_all_canary_pods_gives_the_traffic_back_until_one_is_ready()
    {
        var world = Canary(25);
        world.SetReady("b", 0);
        world.Pass();
        Assert.Equal((0, nameof(RolloutReason.CanaryLost)), (world.WeightOf("b"), world.Status!.Reason));
        world.Run(() => world.Stable == "b");
    }

    [Fact]
    public void Spec_reverted_in_mid_rollout_keeps_the_serving_revision()
    {
        var world = Canary(25);
        world.Target = "a";
        world.Run(() => world.WeightOf("a") == 100 && world.Workloads.Count == 1, seconds: 5);
        Assert.Equal(("a", 4), (world.Stable, world.Workloads["a"].Replicas));
        Assert.Empty(world.Rejected);
    }

    [Fact]
    public void New_spec_during_a_canary_first_gives_its_traffic_back()
    {
        var world = Canary(25);
        world.Target = "c";
        var both = false;
        world.Run(() =>
        {
            both |= world.WeightOf("b") > 0 && world.WeightOf("c") > 0;
            return world.Stable == "c";
        });
        Assert.False(both);
        world.Run(() => world.Status!.Phase == RolloutPhase.Completed && world.Workloads.Count == 1, seconds: 30);
    }

    [Fact]
    public void Rejection_ends_when_the_spec_says_something_else()
    {
        var world = Canary(5);
        world.Serve(1000, BadCanary);
        world.Pass();
        world.Target = "c";
        world.Pass();
        Assert.Empty(world.Rejected);
        world.Run(() => world.Stable == "c");
    }

    [Fact]
    public void Regression_in_the_bake_goes_back_to_the_warm_revision_at_once()
    {
        var world = RolloutWorld.Serving(new RolloutSpec { MaxSurge = "100%", Bake = "1h" }, RolloutWorld.Errors());
        world.Target = "b";
        world.Run(() => world.Stable == "b");
        for (var i = 0; i < 60; i++)
        {
            world.PodsFollow();
            world.Serve(100, _ => 0.01);
            world.Now += TimeSpan.FromSeconds(10);
            world.Pass();
        }

        Assert.Equal(("b", 4), (world.Stable, world.Workloads["a"].Replicas));
        world.Run(() => world.Stable == "a", badShare: _ => 0.9, requests: 300);
        Assert.Equal(100, world.WeightOf("a"));
        Assert.Contains(Assert.Single(world.Rejected).Reason, (string[])[nameof(RolloutReason.SloViolated), nameof(RolloutReason.BurnRateExceeded)]);
    }

    [Fact]
    public void Without_replicas_a_judged_rollout_waits_and_an_unjudged_one_switches()
    {
        var judged = RolloutWorld.Serving(slo: RolloutWorld.Errors());
        (judged.Replicas, judged.Target) = (0, "b");
        judged.Pass();
        judged.Pass();
        Assert.Equal(("a", nameof(RolloutReason.NoReplicas)), (judged.Stable, judged.Status!.Reason));
        judged.Replicas = 2;
        judged.Run(() => judged.Stable == "b");

        var free = RolloutWorld.Serving();
        (free.Replicas, free.Target) = (0, "b");
        free.Pass();
        Assert.Equal(("b", 100), (free.Stable, free.WeightOf("b")));
    }

    [Fact]
    public void Clock_that_is_set_back_delays_nothing()
    {
        var world = Canary(5);
        world.Now -= TimeSpan.FromHours(3);
        var latest = world.Now + TimeSpan.FromMinutes(10);
        world.Run(() => world.Stable == "b");
        Assert.True(world.Now < latest);
    }

    [Fact]
    public void Counting_writes_the_status_only_now_and_then()
    {
        var world = RolloutWorld.Serving(new RolloutSpec { Steps = [new RolloutStep { Weight = 50, Hold = "24h" }] }, RolloutWorld.Errors());
        world.Target = "b";
        world.Run(() => world.Status!.Reason == nameof(RolloutReason.Holding));
        var counted = world.Status!.Evidence!.Objectives![0].Good;
        var writes = 0;
        for (var second = 0; second < 100; second++)
        {
            world.Serve(100, _ => 0);
            world.Now += TimeSpan.FromSeconds(1);
            var before = KubeJson.Serialize(world.Status!);
            world.Pass();
            writes += before.AsSpan().SequenceEqual(KubeJson.Serialize(world.Status!)) ? 0 : 1;
        }

        Assert.InRange(writes, 9, 11);
        world.Now += TimeSpan.FromSeconds(10);
        world.Pass();
        Assert.InRange(world.Status!.Evidence!.Objectives![0].Good - counted, 5000, 5100);
    }

    private static RolloutWorld Canary(int weight)
    {
        var world = RolloutWorld.Serving(slo: RolloutWorld.Errors());
        world.Target = "b";
        world.Run(() => world.WeightOf("b") == weight);
        return world;
    }
}
