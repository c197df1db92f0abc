using System.Text.Json;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Observation;
using k8s.Models;

namespace AttentionOperator.Tests.Reconciliation;

/// <summary>Pods that are ending hold their accelerators: what is to come in their place waits for it.</summary>
public sealed class EndingPodTests
{
    [Theory]
    [InlineData(20, 0)]
    [InlineData(-20, 0)]
    [InlineData(-60, 1)] // Its node should have ended it a minute ago: it is not waited for.
    public void A_new_revision_waits_for_the_ending_pods_of_one_that_went(int secondsLeft, int replicas)
    {
        var cluster = Serving(out var first);
        cluster.Edit(spec => spec with { Model = new ModelSource { Uri = "pvc://models/b" } });
        cluster.Reconcile();
        var second = cluster.Model.Status!.TargetRevision!;
        cluster.Edit(spec => spec with { Model = new ModelSource { Uri = "pvc://models/c" } });
        cluster.Ending.Add(Pod(second, cluster.Now.AddSeconds(secondsLeft)));
        cluster.Reconcile();
        var third = cluster.Model.Status!.TargetRevision!;
        Assert.Equal(3, new[] { first, second, third }.Distinct().Count());
        var plan = cluster.Reconcile();
        Assert.Equal(replicas, Replicas(plan.Apply.OfType<V1Deployment>(), third));
        Assert.Equal(1, Replicas(plan.Apply.OfType<V1Deployment>(), first));
        if (replicas == 0)
        {
            Assert.InRange(plan.LookAgainAfter!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(50));
            cluster.Ending.Clear();
            Assert.Equal(1, Replicas(cluster.Reconcile().Apply.OfType<V1Deployment>(), third));
        }
    }

    private static int Replicas(IEnumerable<V1Deployment> deployments, string revision) =>
        deployments.FirstOrDefault(deployment => deployment.Metadata.Labels[LabelNames.Revision] == revision)?.Spec.Replicas ?? 0;

    private static SimulatedCluster Serving(out string revision)
    {
        var cluster = new SimulatedCluster(new AttentionModelSpec { Model = new ModelSource { Uri = "pvc://models/a" }, Replicas = 1, Rollout = new RolloutSpec { MaxSurge = "1", Steps = [new RolloutStep { Weight = 50 }] } });
        cluster.Reconcile();
        cluster.AllPodsReady();
        cluster.Reconcile();
        cluster.Reconcile();
        revision = cluster.Model.Status!.StableRevision!;
        return cluster;
    }

    private static KubeObject Pod(string revision, DateTimeOffset deadline) => new KubeObjectCodec(ResourceKinds.Pod).Decode(JsonSerializer.SerializeToUtf8Bytes(
        new V1Pod
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Metadata = new V1ObjectMeta
            {
                Name = "chat-ending", NamespaceProperty = "demo", Uid = "pod", DeletionTimestamp = deadline.UtcDateTime,
                Labels = new Dictionary<string, string> { [LabelNames.Model] = "chat", [LabelNames.Revision] = revision },
            },
            Status = new V1PodStatus { Phase = "Running" },
        },
        KubeJson.Options));
}
