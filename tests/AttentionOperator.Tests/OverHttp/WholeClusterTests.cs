using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Observation;

namespace AttentionOperator.Tests.OverHttp;

/// <summary>The operator in a whole cluster: controllers, scheduler, garbage collector, and pods that only say that they run.</summary>
public sealed class WholeClusterTests : IAsyncLifetime
{
    private FakedCluster cluster = null!;

    public async ValueTask InitializeAsync() => cluster = await FakedCluster.StartAsync();

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    [Fact]
    public async Task Model_serves_rolls_over_and_leaves_nothing_behind()
    {
        await cluster.CreateModelAsync("chat", "{}");
        var first = await cluster.UntilAsync("chat", model => model.Status is { } status && IsTrue(status, "Ready") && !IsTrue(status, "Reconciling"));
        Assert.Equal(1, first.Status!.ReadyReplicas);

        await cluster.PatchAsync(ResourceKinds.Model, "chat", "spec: {model: {uri: 'pvc://models/austen-v2'}, replicas: 2, scaling: {minReplicas: 2, maxReplicas: 4}, rollout: {bake: 0s}}");
        var second = await cluster.UntilAsync("chat", model => model.Status is { } status && status.StableRevision != first.Status.StableRevision && !IsTrue(status, "Reconciling") && status is { Revisions.Count: 1, ReadyReplicas: 2 });
        Assert.Equal((second.Status!.TargetRevision, 100), (Assert.Single(second.Status.Traffic!).Revision, second.Status.Traffic![0].Weight));

        await using var left = await LabelledObjects.FollowAsync(cluster.Connection, $"{LabelNames.Model}=chat");
        Assert.Equal(["Job"], left.KindsWithout()); // Jobs are there while a revision is evaluated.
        await cluster.Api.DeleteAsync(ResourceKinds.Model, new ObjectKey("default", "chat"), null, default);
        await left.UntilNoneAsync();
    }

    [Fact]
    public async Task Model_deleted_in_mid_canary_leaves_nothing_behind()
    {
        await cluster.CreateModelAsync("chat", "{}");
        await cluster.UntilAsync("chat", model => model.Status?.Rollout?.Phase == RolloutPhase.Completed);
        await cluster.PatchAsync(ResourceKinds.Model, "chat", "spec: {model: {uri: 'pvc://models/austen-v2'}, rollout: {steps: [{weight: 50, approval: true}]}}");
        var canary = await cluster.UntilAsync("chat", model => model.Status?.Rollout is { Weight: 50 });
        Assert.Equal(2, canary.Status!.Revisions!.Count);

        await using var left = await LabelledObjects.FollowAsync(cluster.Connection, $"{LabelNames.Model}=chat");
        await cluster.Api.DeleteAsync(ResourceKinds.Model, new ObjectKey("default", "chat"), null, default);
        await left.UntilNoneAsync();
    }

    [Fact]
    public async Task What_no_node_has_is_explained()
    {
        await cluster.CreateModelAsync("chat", "resources: {accelerator: {count: 8}}");
        var stuck = await cluster.UntilAsync("chat", model => model.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "False", Reason: "Unschedulable" }) == true);
        Assert.Contains("1 of 1 have too little free nvidia.com/gpu (a replica asks for 8)", stuck.Status!.Conditions!.Single(condition => condition.Type == "Ready").Message, StringComparison.Ordinal);
    }

    internal static bool IsTrue(AttentionModelStatus status, string type) => status.Conditions!.Any(condition => condition.Type == type && condition.Status == "True");
}
