using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Cli.Tests.OverHttp;

/// <summary>Every verb on a rollout that really goes on, over the API: as a command, by the annotation that GitOps users set, and through kubectl.</summary>
public abstract class VerbTests(CommandCluster cluster)
{
    protected CommandCluster Cluster => cluster;

    private const string Spec = "{model: {uri: 'pvc://models/v1'}, replicas: 2, rollout: {steps: [{weight: 20, approval: true}, {weight: 50, approval: true}], bake: 0s}}";

    protected async Task DriveAsync(string name, Func<string[], Task<string>> run)
    {
        await cluster.CreateAsync(name, Spec);
        var first = (await cluster.UntilAsync(name, status => status.Rollout?.Phase == RolloutPhase.Completed)).Status!.StableRevision!;
        await cluster.PatchAsync(name, "spec: {model: {uri: 'pvc://models/v2'}}");
        var second = (await cluster.UntilAsync(name, status => status.Rollout is { Reason: "AwaitingApproval", Step: 0 })).Status!.TargetRevision!;
        Assert.Contains("AwaitingApproval", await run(["why", name]), StringComparison.Ordinal);
        Assert.Matches($"(?s){second}.*{first}", await run(["history", name]));
        Assert.Contains("- model.uri: \"pvc://models/v1\"\n+ model.uri: \"pvc://models/v2\"", await run(["diff", name]), StringComparison.Ordinal);
        Assert.Contains(name, await run(["top"]), StringComparison.Ordinal);

        await run(["pause", name]);
        await cluster.UntilAsync(name, status => status.Rollout is { Reason: "Paused", Paused: true });
        await run(["resume", name]);
        await cluster.UntilAsync(name, status => status.Rollout is { Reason: "AwaitingApproval", Paused: null });
        await run(["promote", name]);
        await cluster.UntilAsync(name, status => status.Rollout is { Step: 1, Weight: 50 });
        await run(["abort", name]);
        await cluster.UntilAsync(name, status => status.Rejected is [{ Reason: "Aborted" }] && status.Traffic is [{ Weight: 100 }] && status.Traffic[0].Revision == first);
        Assert.Contains("Aborted", await run(["why", name]), StringComparison.Ordinal);
        await run(["retry", name]);
        await cluster.UntilAsync(name, status => status is { Rejected: null, Rollout.Step: 0 });
        await run(["promote", name, "--full"]);
        await cluster.UntilAsync(name, status => status.StableRevision == second && status.Traffic is [{ Weight: 100 }]);
        await run(["undo", name, "--to", first]);
        await cluster.UntilAsync(name, status => status.StableRevision == first && status.Rejected is [{ Reason: "Undone" }] && status.Traffic is [{ Weight: 100 }] && status.Traffic[0].Revision == first);
    }

    protected async Task<string> RunAsync(string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await CommandLine.Build(output, error).Parse([.. arguments, "--kubeconfig", cluster.KubeConfig, "-n", "default"]).InvokeAsync();
        Assert.True(code == 0, error.ToString());
        return output.ToString();
    }
}
