using AttentionOperator.Api.Runtime;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Rollouts;

namespace AttentionOperator.Tests.Rollouts;

/// <summary>The golden set that a canary must pass before it gets traffic.</summary>
public sealed class EvaluationTests
{
    private static readonly EvaluationReport Good = new() { Score = 0.9, StableScore = 0.8, Parity = 0.25, Cases = 4, Tokenizer = "t1", StableTokenizer = "t1" };

    private static RolloutSpec Spec(string bound = "0.75", EvaluationMetric metric = EvaluationMetric.F1, RolloutStrategy strategy = RolloutStrategy.Canary) => new()
    {
        Strategy = strategy,
        Bake = "0s",
        Evaluation = new EvaluationSpec { Cases = [new EvaluationCase { Prompt = "a", Expected = "b" }], Metric = metric, Bound = bound },
    };

    [Theory]
    [InlineData(RolloutStrategy.Canary)]
    [InlineData(RolloutStrategy.BlueGreen)]
    [InlineData(RolloutStrategy.Recreate)]
    public void No_traffic_before_the_golden_set_is_passed(RolloutStrategy strategy)
    {
        var world = RolloutWorld.Serving(Spec(strategy: strategy), RolloutWorld.Errors());
        world.Target = "b";
        var most = 0;
        world.Run(() => (most = Math.Max(most, world.WeightOf("b"))) > 0 || world.Jobs.Count == 1);
        Assert.Equal((0, nameof(RolloutReason.Evaluating)), (most, world.Status!.Reason));
        for (var i = 0; i < 50; i++)
        {
            world.Pass();
            world.Now += TimeSpan.FromSeconds(10);
            world.PodsFollow();
        }

        Assert.Equal(0, world.WeightOf("b"));
        var job = Assert.Single(world.Jobs.Keys);
        world.Reports.Enqueue(Good);
        world.JobsEnd();
        world.Run(() => world.Stable == "b");
        Assert.Single(world.Events, nameof(RolloutReason.EvaluationPassed));
        var found = world.Status!.Evaluation!;
        Assert.Equal(("0.9", "0.8", "0.25", 4, "t1", "t1"), (found.Score, found.StableScore, found.Parity, found.Cases, found.Tokenizer, found.StableTokenizer));
        Assert.DoesNotContain(job, world.Jobs.Keys);
    }

    [Theory]
    [InlineData(EvaluationMetric.F1, "0.75", 0.7499)]
    [InlineData(EvaluationMetric.Perplexity, "12", 12.001)]
    public void Below_the_bound_it_is_rejected_without_ever_having_traffic(EvaluationMetric metric, string bound, double score)
    {
        var world = RolloutWorld.Serving(Spec(bound, metric), RolloutWorld.Errors());
        world.Target = "b";
        world.Reports.Enqueue(new EvaluationReport { Score = score, StableScore = 1, Parity = 0, Cases = 3, Tokenizer = "t2", StableTokenizer = "t1" });
        world.Run(() =>
        {
            Assert.Equal(0, world.WeightOf("b"));
            return world.Status!.Phase == RolloutPhase.RolledBack && !world.Workloads.ContainsKey("b");
        });
        var rejected = Assert.Single(world.Rejected);
        Assert.Equal(nameof(RolloutReason.EvaluationFailed), rejected.Reason);
        Assert.Contains($"{metric} {score} of 3 cases", rejected.Message, StringComparison.Ordinal);
        Assert.Contains("parity of the answers 0; the tokenizer changed from t1 to t2", rejected.Message, StringComparison.Ordinal);
        Assert.Equal(nameof(RolloutReason.EvaluationFailed), world.Last!.Stall!.Reason);
        Assert.Single(world.Jobs); // For its log.

        world.Now += TimeSpan.FromHours(3);
        world.Pass();
        Assert.Equal(("a", 100, 1), (world.Stable, world.WeightOf("a"), world.Workloads.Count));
    }

    [Fact]
    public void A_run_without_a_result_proves_nothing_and_is_repeated()
    {
        var world = RolloutWorld.Serving(Spec(), RolloutWorld.Errors());
        world.Target = "b";
        world.Reports.Enqueue(null);
        world.Run(() => world.Status!.Reason == nameof(RolloutReason.EvaluationUnavailable));
        Assert.Equal(RolloutPhase.Paused, world.Status!.Phase);
        Assert.Contains("the pod was evicted", world.Status.Message, StringComparison.Ordinal);
        Assert.True(world.Last!.LookAgainAfter > TimeSpan.Zero);
        var first = Assert.Single(world.Jobs.Keys);

        world.Reports.Enqueue(Good);
        world.Run(() => world.WeightOf("b") > 0);
        Assert.Equal(2, world.Status!.Evaluation!.Attempt);
        Assert.DoesNotContain(first, world.Jobs.Keys);
        Assert.Empty(world.Rejected);
    }

    [Fact]
    public void Retry_runs_it_again_and_takes_no_old_result_for_a_new_one()
    {
        var world = RolloutWorld.Serving(Spec(), RolloutWorld.Errors());
        world.Target = "b";
        world.Reports.Enqueue(Good with { Score = 0 });
        world.Run(() => world.Rejected.Count > 0);
        var old = Assert.Single(world.Jobs.Keys);
        world.Now += TimeSpan.FromSeconds(1);
        world.Action = "retry@1";
        world.Run(() => world.Status!.Reason == nameof(RolloutReason.Evaluating) && world.Jobs.Count > 0);
        Assert.NotEqual(old, Assert.Single(world.Jobs.Keys));
        world.Reports.Enqueue(Good);
        world.Run(() => world.Stable == "b");
    }

    [Fact]
    public void A_changed_bound_judges_the_same_result_and_changed_cases_run_again()
    {
        var world = RolloutWorld.Serving(Spec() with { Steps = [new RolloutStep { Weight = 0, Approval = true }, new RolloutStep { Weight = 50 }] }, RolloutWorld.Errors());
        world.Target = "b";
        world.Reports.Enqueue(Good);
        world.Run(() => world.Status!.Reason == nameof(RolloutReason.AwaitingApproval) && world.Status.Evaluation?.Score is not null);
        var evaluation = world.Spec.Evaluation!;
        world.Spec = world.Spec with { Evaluation = evaluation with { Cases = [new EvaluationCase { Prompt = "c", Expected = "d" }] } };
        world.Pass();
        Assert.Equal((2, null), (world.Status!.Evaluation!.Attempt, world.Status.Evaluation.Score));
        world.Reports.Enqueue(Good);
        world.JobsEnd();
        world.Pass();
        Assert.Equal("0.9", world.Status.Evaluation.Score);
        world.Spec = world.Spec with { Evaluation = world.Spec.Evaluation! with { Bound = "0.95" } };
        world.Pass();
        Assert.Equal(nameof(RolloutReason.EvaluationFailed), Assert.Single(world.Rejected).Reason);
        Assert.Equal(2, world.Status.Evaluation.Attempt);
    }

    [Fact]
    public void Promote_does_not_open_it()
    {
        var world = RolloutWorld.Serving(Spec(), RolloutWorld.Errors());
        (world.Target, world.Action) = ("b", "promote=full@1");
        for (var i = 0; i < 20; i++)
        {
            world.Pass();
            world.PodsFollow();
            world.Now += TimeSpan.FromSeconds(5);
            Assert.Equal(0, world.WeightOf("b"));
        }
    }

    [Fact]
    public void Operator_that_dies_between_job_and_status_finds_its_job_again()
    {
        var world = RolloutWorld.Serving(Spec(), RolloutWorld.Errors());
        world.Target = "b";
        world.Pass();
        world.PodsFollow();
        world.Pass(publishes: false);
        var job = Assert.Single(world.Jobs.Keys);
        world.Now += TimeSpan.FromSeconds(30);
        world.Pass();
        Assert.Equal(job, Assert.Single(world.Jobs.Keys));
    }
}
