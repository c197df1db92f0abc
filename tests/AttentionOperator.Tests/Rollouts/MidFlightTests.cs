using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Rollouts;

namespace AttentionOperator.Tests.Rollouts;

/// <summary>What happens to a rollout that is on its way; beside those in <see cref="CanaryTests"/>. Each pass is a restart of the operator already.</summary>
public sealed class MidFlightTests
{
    private static readonly RolloutSpec Spec = new() { Bake = "0s", MaxSurge = "2" };

    [Fact]
    public void Rapid_edits_end_at_the_last_one_within_the_budget_and_keep_the_serving_revision()
    {
        var world = RolloutWorld.Serving(Spec, RolloutWorld.Errors());
        for (var edit = 0; edit < 40; edit++)
        {
            world.Target = "bcdef"[edit % 5].ToString();
            for (var i = 0; i <= edit % 3; i++)
            {
                world.Pass();
                Assert.InRange(world.Occupied, 0, world.Budget.Peak);
                Assert.Equal("a", world.Stable);
                Assert.InRange(world.ReadyOf("a"), 1, 4);
                world.PodsFollow();
                world.Serve(20, _ => 0);
                world.Now += TimeSpan.FromMilliseconds(700);
            }
        }

        world.Target = "z";
        world.Run(() => world.Stable == "z" && world.Workloads.Count == 1, seconds: 3);
        Assert.Equal(4, world.Workloads["z"].Replicas);
        Assert.Empty(world.Rejected);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(2)]
    [InlineData(1)]
    public void Replicas_that_change_in_mid_canary_keep_its_weight_served(int replicas)
    {
        var world = Canary();
        world.Replicas = replicas;
        for (var i = 0; i < 30; i++)
        {
            var occupied = world.Occupied;
            world.Pass();
            Assert.InRange(world.Occupied, 0, Math.Max(world.Budget.Peak, occupied));
            Assert.All(world.Traffic.Where(share => share.Weight > 0), share => Assert.True(world.ReadyOf(share.Revision) > 0, $"{share.Revision} has {share.Weight} % and no ready replica"));
            world.PodsFollow();
        }

        world.Run(() => world.Stable == "b" && world.Workloads.Count == 1);
        Assert.Equal(replicas, world.Workloads["b"].Replicas);
    }

    /// <summary>Without room for a second replica the canary takes over whole; that a second one is asked for before it is promoted gives nothing back.</summary>
    [Fact]
    public void Growing_from_one_replica_to_two_takes_no_weight_back()
    {
        var world = RolloutWorld.Serving(new RolloutSpec { Bake = "0s", MaxSurge = "0" }, null, replicas: 1);
        world.Target = "b";
        world.Run(() => world.WeightOf("b") == 100);
        Assert.Equal("a", world.Stable);
        world.Replicas = 2;
        world.Run(() =>
        {
            Assert.Equal(100, world.WeightOf("b"));
            return world.Stable == "b" && world.Workloads.Count == 1;
        });
        Assert.Equal(2, world.Workloads["b"].Replicas);
    }

    /// <summary>What the stable revision's last replica leaves is all that a step can have.</summary>
    [Theory]
    [InlineData(2, 85)]
    [InlineData(2, 99)]
    [InlineData(4, 85)]
    [InlineData(3, 67)]
    public void Without_surge_a_step_of_any_weight_is_reached(int replicas, int weight)
    {
        var world = RolloutWorld.Serving(new RolloutSpec { Bake = "0s", MaxSurge = "0", Steps = [new RolloutStep { Weight = weight }] }, null, replicas);
        world.Target = "b";
        world.Run(() => world.Stable == "b" && world.Workloads.Count == 1);
        Assert.Equal(replicas, world.Workloads["b"].Replicas);
    }

    /// <summary>A step that runs on two replicas stays what it is where one is asked for: neither side has all traffic before the gates are open.</summary>
    [Fact]
    public void Shrinking_from_two_replicas_to_one_skips_no_step()
    {
        var spec = new RolloutSpec { Bake = "0s", MaxSurge = "0", Steps = [new RolloutStep { Weight = 5, Approval = true }] };
        var world = RolloutWorld.Serving(spec, null, replicas: 2);
        world.Target = "b";
        world.Run(() => world.WeightOf("b") == 5);
        world.Replicas = 1;
        for (var i = 0; i < 30; i++)
        {
            world.Pass();
            Assert.Equal((5, 1, 1), (world.WeightOf("b"), world.ReadyOf("a"), world.ReadyOf("b")));
            world.PodsFollow();
            world.Now += TimeSpan.FromSeconds(5);
        }

        world.Action = "promote@1";
        world.Run(() => world.Stable == "b" && world.Workloads.Count == 1);
        Assert.Equal(1, world.Workloads["b"].Replicas);
    }

    [Fact]
    public void Operator_that_dies_before_it_publishes_at_every_step_comes_to_the_same_end()
    {
        var world = RolloutWorld.Serving(Spec, RolloutWorld.Errors());
        world.Target = "b";
        var weights = new List<int>();
        world.Run(() =>
        {
            weights.Add(world.WeightOf("b"));
            if (world.Stable != "b")
            {
                // What was applied stays; what was decided is lost, and is decided again a second later.
                world.Pass(publishes: false);
                world.PodsFollow();
                world.Now += TimeSpan.FromSeconds(1);
                world.Pass(publishes: false);
            }

            return world.Stable == "b" && world.Status!.Phase == RolloutPhase.Completed && world.Workloads.Count == 1;
        });
        Assert.Equal([0, 5, 25, 50, 100], weights.Distinct().Where(weight => weight is 0 or 5 or 25 or 50 or 100));
        Assert.Equal(weights.Order(), weights);
    }

    [Fact]
    public void Gateways_that_restart_in_mid_canary_lose_no_evidence_that_was_read_and_condemn_nobody()
    {
        var bad = Canary();
        for (var i = 0; i < 200 && bad.Rejected.Count == 0; i++)
        {
            bad.Serve(4, revision => revision == "b" ? 1 : 0);
            bad.Pass();
            bad.RestartGateway(i);
            bad.Pass();
            bad.Now += TimeSpan.FromSeconds(1);
        }

        Assert.Equal(nameof(RolloutReason.SloViolated), Assert.Single(bad.Rejected).Reason);

        var good = Canary();
        var restarts = 0;
        good.Run(() =>
        {
            good.RestartGateway(restarts++);
            return good.Stable == "b";
        });
        Assert.Empty(good.Rejected);
    }

    [Theory]
    [InlineData(5 * 60)]
    [InlineData(-5 * 60)]
    [InlineData(30 * 24 * 3600)]
    [InlineData(-30 * 24 * 3600)]
    public void Clock_that_steps_neither_condemns_nor_blocks(int seconds)
    {
        var world = Canary();
        world.Now += TimeSpan.FromSeconds(seconds);
        world.Pass();
        Assert.Empty(world.Rejected);
        Assert.True(world.WeightOf("b") > 0);
        var latest = world.Now + TimeSpan.FromMinutes(10);
        world.Run(() => world.Stable == "b");
        Assert.True(world.Now < latest);
    }

    [Fact]
    public void Losing_all_canary_pods_again_and_again_is_never_taken_for_evidence()
    {
        var world = Canary();
        for (var i = 0; i < 20; i++)
        {
            world.SetReady("b", 0);
            world.Pass();
            Assert.Equal(0, world.WeightOf("b"));
            world.PodsFollow();
            world.Run(() => world.WeightOf("b") > 0);
        }

        Assert.Empty(world.Rejected);
        world.Run(() => world.Stable == "b");
    }

    private static RolloutWorld Canary()
    {
        var world = RolloutWorld.Serving(Spec, RolloutWorld.Errors());
        world.Target = "b";
        world.Run(() => world.WeightOf("b") == 25);
        return world;
    }
}
