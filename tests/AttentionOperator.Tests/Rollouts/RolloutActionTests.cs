using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Rollouts;

namespace AttentionOperator.Tests.Rollouts;

public sealed class RolloutActionTests
{
    [Fact]
    public void Approval_waits_for_promote_and_a_token_counts_once()
    {
        var world = RolloutWorld.Serving(new RolloutSpec { Steps = [new RolloutStep { Weight = 10, Approval = true }, new RolloutStep { Weight = 50, Approval = true }] });
        world.Target = "b";
        world.Run(() => world.Status!.Reason == nameof(RolloutReason.AwaitingApproval));
        Assert.Equal(10, world.WeightOf("b"));
        world.Action = "promote@1";
        world.Run(() => world.WeightOf("b") == 50);
        world.Run(() => world.Status!.Reason == nameof(RolloutReason.AwaitingApproval));
        Assert.Equal(50, world.WeightOf("b"));
        world.Action = "promote@2";
        world.Run(() => world.Stable == "b");
    }

    [Fact]
    public void Promote_full_skips_all_steps_but_not_readiness()
    {
        var world = RolloutWorld.Serving(new RolloutSpec { Steps = [new RolloutStep { Weight = 10, Hold = "24h" }, new RolloutStep { Weight = 50, Hold = "24h" }] });
        world.Target = "b";
        world.Action = "promote=full@1";
        world.Pass();
        Assert.Equal(0, world.WeightOf("b"));
        world.Run(() => world.Stable == "b");
    }

    [Fact]
    public void Pause_holds_resume_goes_on_and_abort_goes_back_in_steps()
    {
        var world = RolloutWorld.Serving();
        world.Target = "b";
        world.Run(() => world.WeightOf("b") == 50);
        world.Action = "pause@1";
        world.Run(() => world.Status!.Reason == nameof(RolloutReason.Paused));
        for (var i = 0; i < 50; i++)
        {
            world.Pass();
            world.PodsFollow();
            world.Now += TimeSpan.FromMinutes(1);
        }

        Assert.Equal(50, world.WeightOf("b"));
        world.Action = "resume@2";
        world.Run(() => world.WeightOf("b") > 50);
        world.Action = "abort@3";
        var before = world.WeightOf("a");
        world.Run(() =>
        {
            var serves = world.Budget.Serves(world.ReadyOf("a"));
            Assert.True(world.WeightOf("a") <= Math.Max(serves, before), $"stable gets {world.WeightOf("a")} % on replicas for {serves} %");
            before = world.WeightOf("a");
            return before == 100;
        });
        Assert.Equal(nameof(RolloutReason.Aborted), Assert.Single(world.Rejected).Reason);
    }

    [Fact]
    public void Retry_tries_the_same_revision_again_with_new_evidence()
    {
        var world = RolloutWorld.Serving(slo: RolloutWorld.Errors());
        world.Target = "b";
        world.Run(() => world.Rejected.Count > 0, badShare: revision => revision == "b" ? 0.6 : 0);
        world.Run(() => world.Workloads.Count == 1, seconds: 5);
        world.Action = "retry@1";
        world.Run(() => world.Stable == "b");
        Assert.Empty(world.Rejected);
    }

    [Fact]
    public void Undo_after_promotion_goes_back_although_the_spec_stays()
    {
        var world = RolloutWorld.Serving(new RolloutSpec { MaxSurge = "100%" });
        world.Target = "b";
        world.Run(() => world.Stable == "b");
        world.Action = "undo@1";
        world.Run(() => world.WeightOf("a") == 100);
        Assert.Equal("a", world.Stable);
        Assert.Equal(nameof(RolloutReason.Undone), Assert.Single(world.Rejected).Reason);
        world.Run(() => world.Workloads.Count == 1, seconds: 5);
        Assert.Equal(4, world.Workloads["a"].Replicas);
    }

    [Fact]
    public void Bad_actions_are_reported_once_and_change_nothing()
    {
        var world = RolloutWorld.Serving();
        foreach (var action in (string[])["explode@1", "promote@2", "abort@3", "retry@4", "undo=zzz@5"])
        {
            world.Action = action;
            world.Pass();
            world.Pass();
        }

        Assert.Equal(Enumerable.Repeat(nameof(RolloutReason.InvalidAction), 5), world.Events);
        Assert.Equal(("a", 100), (world.Stable, world.WeightOf("a")));
    }

    [Theory]
    [InlineData("undo=abc@7", "undo", "abc")]
    [InlineData("pause", "pause", null)]
    [InlineData(" promote=full@x@y ", "promote", "full")]
    public void Annotations_are_read(string text, string verb, string? argument)
    {
        var action = RolloutAction.Parse(text)!;
        Assert.Equal((verb, argument), (action.Verb, action.Argument));
    }
}
