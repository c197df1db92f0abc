using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Rollouts;

namespace AttentionOperator.Tests.Rollouts;

/// <summary>Budget that the stable revision burns: rollouts wait, before they start as well as in flight.</summary>
public sealed class AmbientTests
{
    private static readonly RolloutSpec Spec = new() { Bake = "0s" };

    [Fact]
    public void A_rollout_does_not_start_into_an_outage_and_goes_on_when_it_is_over()
    {
        var world = RolloutWorld.Serving(Spec, RolloutWorld.Errors());
        world.Target = "b";
        world.Pass();
        world.Serve(200, _ => 0.5);
        for (var i = 0; i < 120; i++)
        {
            world.Now += TimeSpan.FromSeconds(2);
            world.Pass();
            world.PodsFollow();
            world.Serve(100, _ => 0.5);
            Assert.Equal(0, world.WeightOf("b"));
        }

        Assert.Equal((RolloutPhase.Paused, nameof(RolloutReason.AmbientBurn)), (world.Status!.Phase, world.Status.Reason));
        Assert.Contains("the stable revision burns its budget", world.Status.Message, StringComparison.Ordinal);
        Assert.Single(world.Events, nameof(RolloutReason.AmbientBurn));

        var quiet = world.Now;
        world.Run(() => world.WeightOf("b") > 0, seconds: 5);
        Assert.InRange(world.Now - quiet, TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(6));
        world.Run(() => world.Stable == "b");
        Assert.Empty(world.Rejected);
    }

    [Fact]
    public void Promote_starts_it_all_the_same()
    {
        var world = RolloutWorld.Serving(Spec, RolloutWorld.Errors());
        world.Target = "b";
        world.Pass();
        world.Serve(200, _ => 0.5);
        world.Pass();
        Assert.Equal(nameof(RolloutReason.AmbientBurn), world.Status!.Reason);
        world.Action = "promote@fix";
        world.Run(() => world.Stable == "b", badShare: revision => revision == "a" ? 0.5 : 0);
    }

    [Fact]
    public void What_the_stable_revision_did_before_the_canary_is_not_held_against_either()
    {
        var world = RolloutWorld.Serving(Spec, RolloutWorld.Errors());
        world.Target = "b";
        world.Pass();
        world.Serve(100, _ => 0.04); // Within the tolerable share.
        world.Run(() => world.WeightOf("b") > 0, badShare: _ => 0.04);
        var evidence = world.Status!.Evidence!;
        Assert.Equal(("b", "a"), (evidence.Revision, evidence.Stable));
        Assert.All(evidence.Objectives!, counts => Assert.Equal((0, 0, 0, 0), (counts.Good, counts.Bad, counts.StableGood, counts.StableBad)));
    }
}
