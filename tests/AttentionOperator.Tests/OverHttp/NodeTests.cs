using System.Net;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Observation;
using k8s.Models;

namespace AttentionOperator.Tests.OverHttp;

/// <summary>Nodes that are full, go away, or are of a kind, under a real scheduler.</summary>
public sealed class NodeTests
{

    [Fact]
    public async Task A_canary_without_a_gpu_leaves_the_stable_revision_alone_and_holds_up_nobody_else()
    {
        await using var cluster = await FakedCluster.StartAsync("name=gpu-1,gpus=1", "name=gpu-2,gpus=1", "name=cpu,gpus=0");
        await cluster.CreateModelAsync("chat", "{replicas: 2, resources: {accelerator: {}}, rollout: {progressDeadline: 8s, bake: 0s}}");
        var stable = (await cluster.UntilAsync("chat", model => model.Status?.ReadyReplicas == 2 && !WholeClusterTests.IsTrue(model.Status, "Reconciling"))).Status!.StableRevision;

        await cluster.PatchAsync(ResourceKinds.Model, "chat", "spec: {model: {uri: 'pvc://models/austen-v2'}}");
        var stuck = await cluster.UntilAsync("chat", model => Canary(model)?.Reason == "Unschedulable");
        Assert.Contains("no node of 3 fits: 3 of 3 have too little free nvidia.com/gpu (a replica asks for 1)", Canary(stuck)!.Message, StringComparison.Ordinal);
        Assert.Equal((stable, 100), (Assert.Single(stuck.Status!.Traffic!).Revision, stuck.Status.Traffic![0].Weight));

        // Another model is served meanwhile.
        await cluster.CreateModelAsync("other", "{}");
        await cluster.UntilAsync("other", model => model.Status is { } status && WholeClusterTests.IsTrue(status, "Ready"));

        var rejected = await cluster.UntilAsync("chat", model => model.Status?.Rejected is [{ Reason: "ProgressDeadlineExceeded" }]);
        Assert.Contains("too little free nvidia.com/gpu", rejected.Status!.Rejected![0].Message, StringComparison.Ordinal);
        Assert.Equal((stable, 2, true), (rejected.Status.StableRevision, rejected.Status.Revisions!.Single(revision => revision.Hash == stable).ReadyReplicas, WholeClusterTests.IsTrue(rejected.Status, "Ready")));
    }

    [Fact]
    public async Task A_lone_replica_on_a_cordoned_node_is_replaced_before_it_goes()
    {
        await using var cluster = await FakedCluster.StartAsync("name=gpu-1,gpus=1", "name=gpu-2,gpus=1");
        await cluster.CreateModelAsync("chat", "resources: {accelerator: {}}");
        await cluster.UntilAsync("chat", model => model.Status?.ReadyReplicas == 1 && !WholeClusterTests.IsTrue(model.Status, "Reconciling"));
        var old = Assert.Single(cluster.Pods.List()).As<V1Pod>();
        Assert.Equal(HttpStatusCode.TooManyRequests, await EvictAsync(cluster, old));

        var ready = new Dictionary<string, bool>(StringComparer.Ordinal);
        var least = int.MaxValue;
        using var watch = cluster.Pods.AddHandler(@event =>
        {
            if (@event.New?.As<V1Pod>() is { Metadata.DeletionTimestamp: null } pod)
            {
                ready[pod.Metadata.Name] = pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;
            }
            else
            {
                ready.Remove(@event.Key.Name);
            }

            least = Math.Min(least, ready.Values.Count(value => value));
        });
        await cluster.PatchAsync(ResourceKinds.Node, old.Spec.NodeName, "spec: {unschedulable: true}");
        await FakedCluster.UntilAsync(cluster.Pods, value => value?.As<V1Pod>().Metadata.Annotations is { } annotations && annotations.ContainsKey(AnnotationNames.PodDeletionCost) ? value : null);
        await FakedCluster.UntilAsync(cluster.Pods, _ => cluster.Pods.List().All(pod => pod.Key.Name != old.Metadata.Name) ? "gone" : null);
        var moved = await cluster.UntilAsync("chat", model => model.Status is { ReadyReplicas: 1, Replicas: 1 } status && !WholeClusterTests.IsTrue(status, "Reconciling"));
        Assert.True(least >= 1, "there was a moment without a ready replica");
        Assert.NotEqual(old.Spec.NodeName, Assert.Single(cluster.Pods.List()).As<V1Pod>().Spec.NodeName);
        Assert.Equal("Settled", moved.Status!.Conditions!.Single(condition => condition.Type == "Reconciling").Reason);
    }

    [Fact]
    public async Task The_floor_stays_off_spot_nodes_and_memory_is_looked_for_in_labels()
    {
        await using var cluster = await FakedCluster.StartAsync(
            "name=small,gpus=4,label.nvidia.com/gpu.memory=24000", "name=big,gpus=4,label.nvidia.com/gpu.memory=81559", "name=spot,gpus=4,label.nvidia.com/gpu.memory=81559,label.karpenter.sh/capacity-type=spot");
        await cluster.CreateModelAsync("chat", "{replicas: 3, resources: {accelerator: {memory: 79Gi}}, placement: {spot: Allow}, onDemandReplicas: 1}");
        await cluster.UntilAsync("chat", model => model.Status is { ReadyReplicas: 3, Replicas: 3 });
        var placed = cluster.Pods.List().Select(pod => (Part: pod.Label(LabelNames.Capacity), Node: pod.As<V1Pod>().Spec.NodeName)).Order().ToList();
        Assert.Equal([("on-demand", "big"), ("spot", "spot"), ("spot", "spot")], placed);
    }

    [Fact]
    public async Task Ceilings_of_a_policy_bound_what_runs_and_its_status_shows_the_use()
    {
        await using var cluster = await FakedCluster.StartAsync("name=gpu,gpus=8");
        await cluster.CreateAsync(ResourceKinds.ClusterPolicy, """
            apiVersion: attentionoperator.io/v1alpha1
            kind: ClusterAttentionPolicy
            metadata: {name: gpus}
            spec: {ceilings: {accelerators: [{name: nvidia.com/gpu, count: 3}]}, prices: [{name: nvidia.com/gpu, perHour: 2}]}
            """);
        await cluster.CreateModelAsync("first", "{replicas: 2, resources: {accelerator: {}}}");
        await cluster.UntilAsync("first", model => model.Status?.ReadyReplicas == 2);
        await cluster.CreateModelAsync("second", "{replicas: 2, resources: {accelerator: {}}}");
        var second = await cluster.UntilAsync("second", model => model.Status is { ReadyReplicas: 1 } status && WholeClusterTests.IsTrue(status, "Limited"));
        Assert.Contains("1 of 2 replicas fit: namespace default may use 3 nvidia.com/gpu by ClusterAttentionPolicy gpus", second.Status!.Conditions!.Single(condition => condition.Type == "Limited").Message, StringComparison.Ordinal);

        var policies = new Kube.Informers.InformerFactory(cluster.Connection, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance).Json(ResourceKinds.ClusterPolicy);
        using var stop = new CancellationTokenSource();
        var watching = policies.RunAsync(stop.Token);
        var usage = await FakedCluster.UntilAsync(policies, value => value?.As<ClusterAttentionPolicy>().Status?.Namespaces?.FirstOrDefault(found => found.Limited is not null && found.Accelerators![0].Used == 3));
        Assert.Equal((3, 4, 3, "6"), (usage.Accelerators![0].Used, usage.Accelerators[0].Wanted, usage.Accelerators[0].Ceiling, usage.CostPerHour));
        Assert.Equal(["second"], usage.Limited);

        // A model that no policy of the cluster lets run changes nothing that does.
        await cluster.PatchAsync(ResourceKinds.ClusterPolicy, "gpus", "spec: {allowedSources: ['pvc://approved']}");
        var stalled = await cluster.UntilAsync("first", model => model.Status!.Conditions!.Any(condition => condition is { Type: "Stalled", Status: "True", Reason: "PolicyViolation" }));
        Assert.Equal(2, stalled.Status!.ReadyReplicas);
        await stop.CancelAsync();
        await watching;
    }

    private static RevisionStatus? Canary(AttentionModel model) => model.Status?.Revisions?.FirstOrDefault(revision => revision.Hash != model.Status.StableRevision && revision.Reason is not null);

    private static async Task<HttpStatusCode> EvictAsync(FakedCluster cluster, V1Pod pod)
    {
        var body = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new { apiVersion = "policy/v1", kind = "Eviction", metadata = new { name = pod.Metadata.Name, @namespace = "default" } });
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
        using var response = await cluster.Connection.SendAsync(HttpMethod.Post, ResourceKinds.Pod.ObjectPath(new ObjectKey("default", pod.Metadata.Name), "eviction"), content, default);
        return response.StatusCode;
    }
}
