using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Observation;
using Microsoft.AspNetCore.Builder;

namespace AttentionOperator.Tests.OverHttp;

/// <summary>Rollouts whose operator changes while they are on their way, over HTTP and with real leases.</summary>
public sealed class LeaderChangeTests
{
    [Fact]
    public async Task Leader_changes_at_every_step_and_the_rollout_goes_on()
    {
        await using var cluster = await Cluster.StartAsync();
        var leader = await StartAsync(cluster, 0);
        await cluster.CreateModelAsync("chat", "{model: {uri: 'pvc://models/v1'}, rollout: {steps: [{weight: 0, approval: true}, {weight: 40, approval: true}], bake: 1s}}");
        var first = (await StatusAsync(cluster, status => status.TargetRevision is not null)).TargetRevision!;
        await cluster.MakeReadyAsync(ChildNames.Revision("chat", first));
        await StatusAsync(cluster, status => status.StableRevision == first);
        await cluster.PatchAsync(ResourceKinds.Model, "chat", "spec: {model: {uri: 'pvc://models/v2'}}");

        var changes = 0;
        async Task ChangeLeaderAsync()
        {
            await leader.StopAsync();
            leader = await StartAsync(cluster, ++changes);
        }

        var second = (await StatusAsync(cluster, status => status.Rollout?.Phase == RolloutPhase.Progressing && status.TargetRevision != first)).TargetRevision!;
        await ChangeLeaderAsync();
        await cluster.MakeReadyAsync(ChildNames.Revision("chat", second));
        await StatusAsync(cluster, status => status.Rollout is { Step: 0, Reason: "AwaitingApproval" });
        await ChangeLeaderAsync();
        await PromoteAsync(cluster, 1);
        await StatusAsync(cluster, status => status.Rollout is { Step: 1, Weight: 40 });
        await ChangeLeaderAsync();
        await StatusAsync(cluster, status => status.Rollout is { Step: 1, Reason: "AwaitingApproval" });
        await ChangeLeaderAsync();
        await PromoteAsync(cluster, 2);
        await StatusAsync(cluster, status => status.StableRevision == second);
        await ChangeLeaderAsync();
        var end = await StatusAsync(cluster, status => status is { Rollout.Phase: RolloutPhase.Completed, Traffic: [{ Weight: 100 }], Revisions: [_] });
        Assert.Equal((second, second, null), (end.StableRevision, end.Traffic![0].Revision, end.Rejected));
        Assert.Equal([ChildNames.Revision("chat", second)], cluster.Names(ResourceKinds.Deployment));
    }

    private static async Task<WebApplication> StartAsync(Cluster cluster, int number) => (await cluster.StartOperatorAsync($"operator-{number}", leaderElection: true)).App;

    private static Task PromoteAsync(Cluster cluster, int token) =>
        cluster.PatchAsync(ResourceKinds.Model, "chat", $"metadata: {{annotations: {{attentionoperator.io/rollout-action: promote@{token}}}}}");

    private static Task<AttentionModelStatus> StatusAsync(Cluster cluster, Func<AttentionModelStatus, bool> holds) =>
        cluster.UntilAsync(() => cluster.Model("chat")?.Status is { } status && holds(status) ? status : null);
}
