using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Rollouts;

namespace AttentionOperator.Tests.Rollouts;

public sealed class StrategyTests
{
    [Fact]
    public void First_revision_serves_as_soon_as_one_replica_is_ready()
    {
        var world = new RolloutWorld(replicas: 3);
        world.Pass();
        Assert.Empty(world.Traffic);
        Assert.Null(world.Stable);
        world.SetReady("a", 1);
        world.Pass();
        Assert.Equal(("a", 100), (world.Stable, world.WeightOf("a")));
    }

    [Fact]
    public void First_revision_that_never_gets_ready_stalls_and_is_kept()
    {
        var world = new RolloutWorld();
        world.Broken.Add("a");
        world.Pass();
        world.Now += TimeSpan.FromMinutes(11);
        var decision = world.Pass();
        Assert.Equal(nameof(RolloutReason.ProgressDeadlineExceeded), decision.Stall!.Reason);
        Assert.Contains("no such directory", decision.Stall.Message, StringComparison.Ordinal);
        Assert.Equal(["a"], decision.Replicas.Keys);
    }

    [Fact]
    public void Serving_revision_that_loses_its_pods_keeps_its_traffic()
    {
        var world = RolloutWorld.Serving();
        world.SetReady("a", 0);
        world.Pass();
        Assert.Equal(100, world.WeightOf("a"));
    }

    [Theory]
    [InlineData(1, "0")]
    [InlineData(4, "0")]
    [InlineData(1, "1")]
    [InlineData(5, "2")]
    [InlineData(8, "25%")]
    public void Surge_is_never_exceeded_and_the_rollout_ends(int replicas, string surge)
    {
        var world = RolloutWorld.Serving(new RolloutSpec { MaxSurge = surge }, replicas: replicas);
        world.Target = "b";
        world.Run(() =>
        {
            Assert.True(world.Occupied <= world.Budget.Peak, $"{world.Occupied} replicas of at most {world.Budget.Peak}");
            return world.Stable == "b";
        });
        world.Run(() => world.Status!.Phase == RolloutPhase.Completed && world.Workloads.Count == 1, seconds: 30);
    }

    [Fact]
    public void Recreate_drains_before_it_loads()
    {
        var world = RolloutWorld.Serving(new RolloutSpec { Strategy = RolloutStrategy.Recreate }, replicas: 2);
        world.Target = "b";
        world.Pass();
        Assert.Equal((0, 0), (world.Workloads["a"].Replicas, world.Workloads["b"].Replicas));
        world.PodsFollow();
        world.Pass();
        Assert.Equal((2, 100), (world.Workloads["b"].Replicas, world.WeightOf("a")));
        world.PodsFollow();
        world.Pass();
        Assert.Equal(100, world.WeightOf("b"));
        world.Run(() => world.Stable == "b");
    }

    [Fact]
    public void Recreate_of_a_broken_revision_comes_back()
    {
        var world = RolloutWorld.Serving(new RolloutSpec { Strategy = RolloutStrategy.Recreate }, replicas: 1);
        world.Target = "b";
        world.Broken.Add("b");
        world.Run(() => world.Rejected.Count > 0, seconds: 30);
        world.Run(() => world.ReadyOf("a") == 1 && world.WeightOf("a") == 100);
        Assert.Equal("a", world.Stable);
    }

    [Fact]
    public void Blue_green_previews_at_weight_zero_then_switches_and_keeps_the_old()
    {
        var world = RolloutWorld.Serving(new RolloutSpec { Strategy = RolloutStrategy.BlueGreen, MaxSurge = "100%", Steps = [new RolloutStep { Weight = 0, Approval = true }] });
        world.Target = "b";
        world.Run(() => world.Status!.Reason == nameof(RolloutReason.AwaitingApproval));
        Assert.Equal((4, 4, 0), (world.ReadyOf("a"), world.ReadyOf("b"), world.WeightOf("b")));
        world.Action = "promote@1";
        var weights = new HashSet<int>();
        world.Run(() =>
        {
            weights.Add(world.WeightOf("b"));
            return world.Stable == "b";
        });
        Assert.Equal([100], weights);
        Assert.Equal((4, RolloutPhase.Baking), (world.Workloads["a"].Replicas, world.Status!.Phase));
    }
}
