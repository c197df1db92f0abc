using System.Globalization;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Rollouts;
using AttentionOperator.Slo;
using CsCheck;

namespace AttentionOperator.Tests.Rollouts;

public sealed class RolloutPropertyTests
{
    private static readonly Gen<Action<RolloutWorld>> Step = Gen.Frequency(
        (12, Gen.Bool.Select(publishes => (Action<RolloutWorld>)(world => Checked(world, publishes)))),
        (6, Gen.Const((Action<RolloutWorld>)(world => world.PodsFollow()))),
        (4, Gen.Select(Gen.Int[0, 3], Gen.Int[0, 4], (which, ready) => (Action<RolloutWorld>)(world => SetReady(world, which, ready)))),
        (6, Gen.Int[1, 40].Select(seconds => (Action<RolloutWorld>)(world => world.Now += TimeSpan.FromSeconds(seconds)))),
        (1, Gen.Int[-4000, 4000].Select(seconds => (Action<RolloutWorld>)(world => world.Now += TimeSpan.FromSeconds(seconds)))),
        (3, Gen.Int[0, 3].Select(revision => (Action<RolloutWorld>)(world => world.Target = "abcd"[revision].ToString()))),
        (2, Gen.Int[0, 6].Select(replicas => (Action<RolloutWorld>)(world => world.Replicas = replicas))),
        (3, Gen.Select(Gen.Int[0, 3], Gen.Int[0, 9], (revision, replicas) => (Action<RolloutWorld>)(world => world.Pressure["abcd"[revision].ToString()] = replicas))),
        (6, Gen.Select(Gen.Int[1, 300], Gen.Double[0, 1], (requests, bad) => (Action<RolloutWorld>)(world => world.Serve(requests, revision => revision == world.Target ? bad : 0.01)))),
        (1, Gen.Int[0, 1].Select(which => (Action<RolloutWorld>)(world => world.RestartGateway(which)))),
        (4, Gen.Int[0, 3].Select(score => (Action<RolloutWorld>)(world => EndEvaluation(world, score)))),
        (2, Gen.Select(Of("promote", "promote=full", "pause", "resume", "abort", "retry", "undo", "nonsense"), Gen.Int[0, 99], (verb, token) => (Action<RolloutWorld>)(world => world.Action = $"{verb}@{token}"))));

    private static readonly Gen<RolloutSpec> Spec = Gen.Select(
        Of(RolloutStrategy.Canary, RolloutStrategy.BlueGreen, RolloutStrategy.Recreate),
        Of("0", "1", "2", "25%", "100%"),
        Gen.Bool,
        Gen.Bool,
        (strategy, surge, bakes, evaluates) => new RolloutSpec { Strategy = strategy, MaxSurge = surge, Bake = bakes ? "1m" : "0s", Evaluation = evaluates ? Golden : null });

    private static EvaluationSpec Golden => new() { Cases = [new EvaluationCase { Prompt = "a", Expected = "b" }], Bound = "0.5" };

    [Fact]
    public void Any_interrupted_rollout_keeps_the_rules_and_converges() => Gen.Select(Spec, Gen.Bool, Step.List[0, 80]).Sample(
        (spec, judged, steps) =>
        {
            var world = new RolloutWorld(spec, judged ? RolloutWorld.Errors() : null);
            foreach (var step in steps)
            {
                step(world);
            }

            (world.Target, world.Replicas, world.Action) = ("z", 3, "resume@final");
            world.EvaluationsPass = true;
            world.Run(() => world.Stable == "z" && world.Status!.Phase == RolloutPhase.Completed && world.Workloads.Count == 1, seconds: 3, most: 400);
            Assert.Equal((3, 100), (world.Workloads["z"].Replicas, world.WeightOf("z")));

            var before = KubeJson.Serialize(world.Status!);
            world.Now += TimeSpan.FromHours(1);
            var decision = world.Pass();
            Assert.Empty(decision.Events);
            Assert.Null(decision.LookAgainAfter);
            Assert.Equal(before, KubeJson.Serialize(world.Status!));
        },
        iter: 400);

    /// <summary>An autoscaler that changes its mind at every pass, and canaries with queues of their own, neither take traffic back nor keep a rollout from ending.</summary>
    [Fact]
    public void Scaling_and_rollout_do_not_fight() => Gen.Select(Spec, Gen.Int[1, 6].List[8, 60], Gen.Int[0, 9].List[8, 60]).Sample(
        (spec, sizes, queues) =>
        {
            var world = RolloutWorld.Serving(spec with { Bake = "0s", Evaluation = null }, null, sizes[0]);
            world.Target = "b";
            var weight = 0;
            for (var i = 0; i < sizes.Count; i++)
            {
                world.Replicas = sizes[i];
                world.Pressure["b"] = queues[i % queues.Count];
                Checked(world, true);
                // Pods were there all along: nothing but the autoscaler changed.
                world.PodsFollow();
                if (spec.Strategy == RolloutStrategy.Canary)
                {
                    Assert.True(world.WeightOf("b") >= weight, $"{weight} to {world.WeightOf("b")} %");
                }

                weight = world.WeightOf("b");
                world.Now += TimeSpan.FromSeconds(3);
            }

            world.Run(() => world.Stable == "b" && world.Status!.Phase == RolloutPhase.Completed && world.Workloads.Count == 1, seconds: 3, most: 400);
            Assert.Equal((sizes[^1], 100), (world.Workloads["b"].Replicas, world.WeightOf("b")));
        },
        iter: 300);

    /// <summary>
    /// The weight of a running step never changes because of scaling, and each side keeps the replicas that carry its share. Any sizes, any order in which pods get
    /// ready, any surge: while no replica is lost and no gate opens, the weight is the one of the step before and after.
    /// </summary>
    [Fact]
    public void Scaling_never_changes_the_weight_of_a_running_step() => Gen.Select(
        Of("0", "1", "2", "25%", "100%"), Gen.Int[1, 6], Gen.Int[1, 99], Gen.Select(Gen.Int[1, 8], Gen.Int[0, 8], Gen.Int[0, 8], Gen.Int[0, 9]).List[1, 40]).Sample(
        (surge, size, weight, scalings) =>
        {
            var spec = new RolloutSpec { Strategy = RolloutStrategy.Canary, MaxSurge = surge, Bake = "0s", Steps = [new RolloutStep { Weight = weight, Approval = true }] };
            size = surge == "0" ? Math.Max(2, size) : size; // Where one replica is all there is room for, nothing is split.
            var world = RolloutWorld.Serving(spec, null, size);
            world.Target = "b";
            world.Run(() => world.WeightOf("b") == weight && world.Status!.Reason == nameof(RolloutReason.AwaitingApproval));
            foreach (var (replicas, stableReady, canaryReady, queue) in scalings)
            {
                world.Replicas = replicas;
                world.Pressure["b"] = queue;
                // In which order the two sides get ready is anybody's guess.
                Kept(world, weight, $"{size} to {replicas}, surge {surge}");
                world.GrowReady("a", stableReady);
                world.GrowReady("b", canaryReady);
                Kept(world, weight, $"{size} to {replicas}, surge {surge}, some ready");
                size = replicas;
                world.Now += TimeSpan.FromSeconds(3);
            }

            world.Action = "promote@1";
            world.Run(() => world.Stable == "b" && world.Status!.Phase == RolloutPhase.Completed && world.Workloads.Count == 1, seconds: 3, most: 400);
            Assert.Equal((size, 100), (world.Workloads["b"].Replicas, world.WeightOf("b")));
        },
        iter: 400);

    /// <summary>A pass after which the weight is what it was, and no side has fewer replicas than carry its share.</summary>
    private static void Kept(RolloutWorld world, int weight, string text)
    {
        var before = world.Workloads.ToDictionary(entry => entry.Key, entry => entry.Value.Replicas);
        Checked(world, true);
        Assert.True(world.Rejected.Count == 0 && world.Stable == "a", text);
        Assert.True(world.WeightOf("b") == weight, $"{weight} to {world.WeightOf("b")} %: {text}");
        foreach (var (revision, share) in new[] { ("a", 100 - weight), ("b", weight) })
        {
            var carries = Math.Max(1, world.Budget.Need(share) - world.Budget.Dip);
            var asked = world.Workloads[revision].Replicas;
            Assert.True(asked >= Math.Min(before[revision], carries), $"{revision} from {before[revision]} to {asked} replicas, and {share} % need {carries}: {text}");
        }
    }

    [Fact]
    public void An_overloaded_canary_gets_what_the_stable_share_leaves()
    {
        var world = RolloutWorld.Serving(new RolloutSpec { Strategy = RolloutStrategy.Canary, MaxSurge = "2", Steps = [new RolloutStep { Weight = 20, Hold = "1h" }] }, null, replicas: 5);
        world.Target = "b";
        world.Run(() => world.WeightOf("b") == 20);
        Assert.Equal(1, world.Workloads["b"].Replicas);
        world.Pressure["b"] = 9;
        world.Run(() => world.Workloads["b"].Replicas == 3, most: 20);
        Assert.Equal((4, 20), (world.Workloads["a"].Replicas, world.WeightOf("b")));
        world.Pressure.Clear();
        world.Run(() => world.Workloads["b"].Replicas == 1, most: 20);
    }

    /// <summary>A pass with everything that must hold of any decision.</summary>
    private static void Checked(RolloutWorld world, bool publishes)
    {
        var situation = world.Situation();
        var occupied = world.Occupied;
        var decision = world.Pass(publishes);
        var revisions = string.Join(", ", situation.Revisions.Select(found => $"{found.Hash} {found.ReadyReplicas}/{found.Replicas}/{found.Pods} {situation.WeightOf(found.Hash)}%"));
        var text = $"{situation.Spec.Strategy} surge {situation.Spec.MaxSurge} of {situation.Replicas}, {situation.Stable} to {situation.Target}: {revisions} gives {string.Join(", ", decision.Replicas)} and {string.Join(", ", decision.Traffic.Select(share => $"{share.Revision} {share.Weight}%"))}";

        Assert.True(decision.Traffic.Count == 0 ? situation.Traffic.Count == 0 : decision.Traffic.Sum(share => share.Weight) == 100, text);
        foreach (var share in decision.Traffic.Where(share => share.Weight > situation.WeightOf(share.Revision)))
        {
            Assert.True(situation.Find(share.Revision)?.ReadyReplicas > 0 || situation.Replicas == 0, $"traffic to what is not ready: {text}");
        }

        // The peak: nothing grows beyond stable + surge, and what is above it already (fewer are asked for now) does not grow.
        Assert.True(world.Occupied <= Math.Max(world.Budget.Peak, occupied), $"{world.Occupied} of {world.Budget.Peak} replicas: {text}");

        // What the published split sends traffic to keeps running, unless there is no room for two.
        var swaps = situation.Spec.Strategy == RolloutStrategy.Recreate || !world.Budget.HoldsTwo;
        foreach (var share in situation.Traffic.Where(share => share.Weight > 0 && !swaps && situation.Replicas > 0 && situation.Find(share.Revision)?.Replicas > 0))
        {
            Assert.True(decision.Replicas.GetValueOrDefault(share.Revision) > 0, $"{share.Revision} is taken away under traffic: {text}");
        }

        Evaluated(situation, decision, text);
        RolledBack(situation, decision, text);
    }

    /// <summary>Without a score that is good enough, a revision's weight never rises.</summary>
    private static void Evaluated(RolloutSituation situation, RolloutDecision decision, string text)
    {
        var weight = decision.Traffic.FirstOrDefault(share => share.Revision == situation.Target)?.Weight ?? 0;
        if (situation is { Spec.Evaluation: not null, Stable: { } stable } && stable != situation.Target && weight > situation.WeightOf(situation.Target))
        {
            Assert.True(double.Parse(decision.Status!.Evaluation?.Score ?? "0", CultureInfo.InvariantCulture) >= 0.5, $"traffic before the evaluation: {text}");
        }
    }

    private static void EndEvaluation(RolloutWorld world, int score)
    {
        world.Reports.Enqueue(score == 0 ? null : new EvaluationReport { Score = score / 3.0, Cases = 1 });
        world.JobsEnd();
    }

    /// <summary>Whatever else is going on, evidence that condemns is acted on in this very pass.</summary>
    private static void RolledBack(RolloutSituation situation, RolloutDecision decision, string text)
    {
        if (situation is { Slo: { } slo, Status.Evidence: { } evidence, Stable: { } stable } && situation.Rejected.All(found => found.Hash != situation.Target)
            && stable != situation.Target && situation.Status.Revision == situation.Target && evidence.Revision == situation.Target && evidence.Stable == stable
            && (situation.Action is null || situation.Action.Text == situation.Status.Action)
            && RolloutJudge.Canary(EvidenceLedger.Add(evidence, slo, situation.Slis), slo, situation.Spec).Verdict == CanaryVerdict.Violating)
        {
            Assert.True(decision.Rejected.Any(found => found.Hash == situation.Target), $"not rejected: {text}");
            Assert.True(situation.Find(stable)!.ReadyReplicas == 0 || decision.Traffic.All(share => share.Revision != situation.Target), $"still has traffic: {text}");
        }
    }

    private static Gen<T> Of<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static void SetReady(RolloutWorld world, int which, int ready)
    {
        var names = world.Workloads.Keys.Order(StringComparer.Ordinal).ToList();
        if (names.Count > 0)
        {
            world.SetReady(names[which % names.Count], ready);
        }
    }
}
