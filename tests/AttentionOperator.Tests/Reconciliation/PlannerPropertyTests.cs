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
