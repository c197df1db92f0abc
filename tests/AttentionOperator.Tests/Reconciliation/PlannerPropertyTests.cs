using AttentionOperator.Api.Revisions;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Reconciliation;
using CsCheck;

namespace AttentionOperator.Tests.Reconciliation;

public sealed class PlannerPropertyTests
{
    private static readonly AttentionModelSpec Spec = new() { Model = new ModelSource { Uri = "pvc://models/v0" }, Replicas = 2, Rollout = new RolloutSpec { Bake = "30s" } };

    private static readonly Gen<Action<SimulatedCluster>> Step = Gen.Frequency(
        (6, Gen.Int[0, 20].Select(steps => (Action<SimulatedCluster>)(cluster => Checked(cluster, steps)))),
        (6, Gen.Const((Action<SimulatedCluster>)(cluster => Checked(cluster, int.MaxValue)))),
        (6, Gen.Select(Gen.Int[0, 5], Gen.Bool, (which, up) => (Action<SimulatedCluster>)(cluster => cluster.MovePod(which, up)))),
        (3, Gen.Int[0, 3].Select(version => (Action<SimulatedCluster>)(cluster => cluster.Edit(spec => spec with { Model = new ModelSource { Uri = $"pvc://models/v{version}" } })))),
        (2, Gen.Int[0, 4].Select(replicas => (Action<SimulatedCluster>)(cluster => cluster.Edit(spec => spec with { Replicas = replicas })))),
        (1, Gen.Const((Action<SimulatedCluster>)(cluster => cluster.Edit(spec => spec with { Model = new ModelSource { Uri = "nonsense" } })))),
        (1, Gen.Const((Action<SimulatedCluster>)(cluster => cluster.LoseStatus()))),
        (4, Gen.Int[1, 30].Select(seconds => (Action<SimulatedCluster>)(cluster => cluster.Pass(TimeSpan.FromSeconds(seconds))))));

    private static readonly Gen<RolloutSpec> Rollouts = Gen.Select(
        Gen.Enum<RolloutStrategy>(), Gen.OneOf("0s", "30s", "1h"), Gen.OneOf("10s", "10m"), Gen.Bool, Gen.OneOf("0", "1", "100%"),
        (strategy, bake, deadline, paused, surge) => new RolloutSpec
        {
            Strategy = strategy,
            Bake = bake,
            ProgressDeadline = deadline,
            Paused = paused,
            MaxSurge = surge,
            Steps = strategy == RolloutStrategy.Canary ? [new RolloutStep { Weight = 10, Hold = "20s" }, new RolloutStep { Weight = 50 }] : null,
        });

    [Fact]
    public void Any_interrupted_history_converges_to_the_spec() => Step.List[0, 60].Sample(
        steps =>
        {
            var cluster = new SimulatedCluster(Spec);
            foreach (var step in steps)
            {
                step(cluster);
            }

            cluster.Edit(spec => spec with { Model = new ModelSource { Uri = "pvc://models/final" }, Replicas = 3 });
            for (var i = 0; i < 40; i++)
            {
                Checked(cluster, int.MaxValue);
                cluster.AllPodsReady();
                cluster.Pass(TimeSpan.FromSeconds(10));
            }

            var hash = RevisionHash.Compute(cluster.Model.Spec);
            var deployment = Assert.Single(cluster.Deployments);
            Assert.Equal($"chat-{hash}", deployment.Metadata.Name);
            Assert.Equal(3, deployment.Spec.Replicas);
            Assert.Equal(hash, cluster.Model.Status!.StableRevision);
            Assert.Equal((hash, 100), (Assert.Single(cluster.Model.Status.Traffic!).Revision, cluster.Model.Status.Traffic![0].Weight));
            Assert.Equal(["True", "False", "False"], cluster.Model.Status.Conditions!.Select(condition => condition.Status));

            // One more look changes nothing.
            var before = (cluster.Objects.ToList(), AttentionOperator.Kube.Objects.KubeJson.Serialize(cluster.Model.Status));
            var plan = cluster.Reconcile();
            Assert.Empty(plan.Delete);
            Assert.Empty(plan.Events);
            Assert.Null(plan.LookAgainAfter);
            Assert.Equal(before.Item1, cluster.Objects);
            Assert.Equal(before.Item2, AttentionOperator.Kube.Objects.KubeJson.Serialize(cluster.Model.Status));
        },
        iter: 150);

    // Passes over unchanged inputs are skipped until the plan wanted to look again: this must not keep anything from happening.
    [Fact]
    public void Plan_that_changes_nothing_stays_so_until_it_wants_to_look_again() => Gen.Select(Step.List[0, 40], Rollouts, Gen.Double[0, 1]).Sample(
        (steps, rollout, share) =>
        {
            var cluster = new SimulatedCluster(Spec with { Rollout = rollout });
            foreach (var step in steps)
            {
                step(cluster);
                cluster.Reconcile();
                var plan = cluster.Plan(cluster.Now);
                if (Content(plan) != Content(cluster.Plan(cluster.Now)) || plan.Delete.Count > 0 || plan.Events.Count > 0 || Text(plan.Status) != Text(cluster.Model.Status))
                {
                    continue;
                }

                var later = cluster.Now + (share * (plan.LookAgainAfter ?? TimeSpan.FromDays(30)));
                Assert.Equal(Content(plan), Content(cluster.Plan(later - (share == 1 ? TimeSpan.FromTicks(1) : TimeSpan.Zero))));
            }
        },
        iter: 150);

    [Fact]
    public void History_is_kept_within_its_limit() => Gen.Select(Gen.Int[0, 4], Gen.Int[1, 12]).Sample(
        (limit, edits) =>
        {
            var cluster = new SimulatedCluster(Spec with { Rollout = new RolloutSpec { RevisionHistoryLimit = limit, Bake = "0s" } });
            for (var i = 0; i < edits; i++)
            {
                cluster.Edit(spec => spec with { Model = new ModelSource { Uri = $"pvc://models/v{i}" } });
                for (var pass = 0; pass < 24; pass++)
                {
                    Checked(cluster, int.MaxValue);
                    cluster.AllPodsReady();
                    cluster.Pass(TimeSpan.FromSeconds(10));
                }
            }

            Assert.Equal(Math.Min(edits, limit + 1), cluster.Objects.Count(name => name.StartsWith("ControllerRevision", StringComparison.Ordinal)));
        },
        iter: 20);

    private static string Text(object? value) => System.Text.Json.JsonSerializer.Serialize(value, AttentionOperator.Kube.Objects.KubeJson.Options);

    private static string Content(ReconcilePlan plan) => string.Join(
        "\n", [.. plan.Apply.Select(child => System.Text.Json.JsonSerializer.Serialize(child, child.GetType(), AttentionOperator.Kube.Objects.KubeJson.Options)), .. plan.Delete.Select(child => child.ToString()), Text(plan.Status), .. plan.Events.Select(note => note.ToString())]);

    /// <summary>A pass with everything that must hold of any plan.</summary>
    private static void Checked(SimulatedCluster cluster, int steps)
    {
        var published = cluster.Model.Status?.Traffic ?? [];
        var served = published.Any(share => cluster.ReadyOf(share.Revision) > 0);
        ReconcilePlan plan = cluster.Reconcile(steps);
        var traffic = plan.Status!.Traffic ?? [];
        if (traffic.Count > 0)
        {
            Assert.Equal(100, traffic.Sum(share => share.Weight));
        }

        foreach (var share in traffic.Where(share => share.Weight > (published.FirstOrDefault(old => old.Revision == share.Revision)?.Weight ?? 0)))
        {
            Assert.True(cluster.ReadyOf(share.Revision) > 0 || cluster.Model.Spec.Replicas == 0, $"revision {share.Revision} gets traffic without a ready replica");
        }

        if (published.Count > 0)
        {
            Assert.NotEmpty(traffic);
        }

        // What the gateways route to is neither removed nor scaled down to nothing by a plan that is only now moving traffic away.
        Assert.All(published.Where(share => share.Weight > 0), share => Assert.DoesNotContain(plan.Delete, child => child.Revision == share.Revision && child.Resource.Kind == "Deployment"));
        if (served && cluster.Model.Spec.Replicas > 0)
        {
            Assert.Contains(published, share => cluster.Deployments.Any(deployment => deployment.Metadata.Name == $"chat-{share.Revision}" && deployment.Spec.Replicas > 0));
        }
    }
}
