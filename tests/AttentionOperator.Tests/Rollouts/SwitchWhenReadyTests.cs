using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Diagnosis;
using AttentionOperator.Rollouts;

namespace AttentionOperator.Tests.Rollouts;

public sealed class SwitchWhenReadyTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void First_revision_serves_as_soon_as_one_replica_is_ready()
    {
        Assert.Empty(Plan(stable: null, target: "a", replicas: 3, State("a", 3, 0)).Traffic);
        var decision = Plan(stable: null, target: "a", replicas: 3, State("a", 3, 1));
        Assert.Equal(("a", 100), Split(decision));
        Assert.Equal("a", decision.Stable);
    }

    [Theory]
    [InlineData(0, "a")]
    [InlineData(2, "a")]
    [InlineData(3, "b")]
    public void Traffic_switches_when_as_many_are_ready_as_serve(int ready, string serves)
    {
        var decision = Plan("a", "b", replicas: 3, State("a", 3, 3), State("b", 3, ready));
        Assert.Equal((serves, 100), Split(decision));
        Assert.Equal(["a", "b"], decision.Replicas.Keys.Order());
        Assert.All(decision.Replicas.Values, replicas => Assert.Equal(3, replicas));
    }

    [Fact]
    public void One_ready_replica_is_better_than_a_stable_revision_without_any() =>
        Assert.Equal(("b", 100), Split(Plan("a", "b", replicas: 3, State("a", 3, 0), State("b", 3, 1))));

    [Fact]
    public void Old_revision_stays_until_the_gateways_had_time()
    {
        var situation = Situation("b", "b", 1, State("a", 1, 1), State("b", 1, 1)) with
        {
            Traffic = [new TrafficTarget { Revision = "b", Weight = 100 }],
            Status = new RolloutStatus { Phase = RolloutPhase.Completed, Revision = "b", StartedAt = Now.UtcDateTime.AddMinutes(-1), StepStartedAt = Now.UtcDateTime },
        };
        var soon = new SwitchWhenReady().Plan(situation with { Now = Now.AddSeconds(2) });
        Assert.Contains("a", soon.Replicas.Keys);
        Assert.Equal(SwitchWhenReady.DrainDelay - TimeSpan.FromSeconds(2), soon.LookAgainAfter);
        var later = new SwitchWhenReady().Plan(situation with { Now = Now + SwitchWhenReady.DrainDelay });
        Assert.Equal(["b"], later.Replicas.Keys);
        Assert.Null(later.LookAgainAfter);
    }

    [Fact]
    public void Spec_reverted_in_mid_rollout_keeps_the_serving_revision()
    {
        var situation = Situation("a", "a", 1, State("a", 1, 1), State("b", 1, 0)) with
        {
            Status = new RolloutStatus { Phase = RolloutPhase.Progressing, Revision = "b", StartedAt = Now.UtcDateTime, StepStartedAt = Now.UtcDateTime },
        };
        var decision = new SwitchWhenReady().Plan(situation);
        Assert.Equal(("a", 100), Split(decision));
        Assert.Equal(["a"], decision.Replicas.Keys);
    }

    [Fact]
    public void Rapid_edits_drop_what_never_served_and_restart_nothing()
    {
        var situation = Situation("a", "c", 1, State("a", 1, 1), State("b", 1, 1), State("c", null, 0)) with
        {
            Status = new RolloutStatus { Phase = RolloutPhase.Progressing, Revision = "b", StartedAt = Now.UtcDateTime, StepStartedAt = Now.UtcDateTime },
        };
        var decision = new SwitchWhenReady().Plan(situation);
        Assert.Equal(["a", "c"], decision.Replicas.Keys.Order());
        Assert.Equal("c", decision.Status!.Revision);
    }

    [Fact]
    public void Rollout_that_takes_too_long_stalls_with_the_cause_and_changes_nothing()
    {
        var failing = State("b", 1, 0) with { Failure = new PodFailure("ModelNotFound", "no such directory", true) };
        var situation = Situation("a", "b", 1, State("a", 1, 1), failing) with
        {
            Status = new RolloutStatus { Phase = RolloutPhase.Progressing, Revision = "b", StartedAt = Now.UtcDateTime.AddMinutes(-10), StepStartedAt = Now.UtcDateTime },
        };
        var decision = new SwitchWhenReady().Plan(situation);
        Assert.Equal(nameof(RolloutReason.ProgressDeadlineExceeded), decision.Stall!.Reason);
        Assert.Contains("no such directory", decision.Stall.Message, StringComparison.Ordinal);
        Assert.Equal(("a", 100), Split(decision));
        Assert.Equal(["a", "b"], decision.Replicas.Keys.Order());
        Assert.Null(new SwitchWhenReady().Plan(situation with { Now = Now.AddSeconds(-1) }).Stall);
    }

    [Fact]
    public void Without_replicas_a_new_revision_takes_over_at_once()
    {
        var decision = Plan("a", "b", replicas: 0, State("a", 0, 0), State("b", null, 0));
        Assert.Equal(("b", 100), Split(decision));
        Assert.Equal("b", decision.Stable);
    }

    [Fact]
    public void Serving_revision_that_loses_its_pods_keeps_its_traffic() =>
        Assert.Equal(("a", 100), Split(Plan("a", "a", replicas: 2, State("a", 2, 0))));

    private static (string Revision, int Weight) Split(RolloutDecision decision)
    {
        var only = Assert.Single(decision.Traffic);
        return (only.Revision, only.Weight);
    }

    private static RevisionState State(string hash, int? replicas, int ready) => new() { Hash = hash, Number = hash[0], Replicas = replicas, ReadyReplicas = ready };

    private static RolloutDecision Plan(string? stable, string target, int replicas, params RevisionState[] revisions) =>
        new SwitchWhenReady().Plan(Situation(stable, target, replicas, revisions));

    private static RolloutSituation Situation(string? stable, string target, int replicas, params RevisionState[] revisions) => new()
    {
        Spec = new RolloutSpec(),
        Replicas = replicas,
        Stable = stable,
        Target = target,
        Revisions = revisions,
        Traffic = stable is null ? [] : [new TrafficTarget { Revision = stable, Weight = 100 }],
        Now = Now,
    };
}
