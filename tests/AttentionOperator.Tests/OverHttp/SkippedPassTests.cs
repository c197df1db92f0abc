using System.Globalization;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Revisions;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Observation;
using k8s.Models;
using Microsoft.AspNetCore.Builder;

namespace AttentionOperator.Tests.OverHttp;

/// <summary>Passes over unchanged inputs are skipped; whatever happens in between, the same comes out as if none were.</summary>
public sealed class SkippedPassTests
{
    private const string Model = "chat";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Any_edits_of_spec_and_children_and_restarts_converge(int seed)
    {
        await using var cluster = await Cluster.StartAsync();
        var (app, _) = await cluster.StartOperatorAsync();
        await cluster.CreateModelAsync(Model, "{model: {uri: 'pvc://models/v0'}, replicas: 2, rollout: {strategy: BlueGreen, maxSurge: 100%, bake: 0s}}");
#pragma warning disable CA5394 // Picks what happens; nothing secret.
        var random = new Random(seed);
        for (var i = 0; i < 25; i++)
        {
            app = await StepAsync(cluster, app, random.Next(9), random.Next(3), i);
        }
#pragma warning restore CA5394

        await cluster.PatchAsync(ResourceKinds.Model, Model, "spec: {model: {uri: 'pvc://models/final'}, replicas: 3}");
        var child = ChildNames.Revision(Model, RevisionHash.Compute(new() { Model = new() { Uri = "pvc://models/final" } }));
        await cluster.MakeReadyAsync(child);
        await cluster.UntilAsync(() => cluster.Names(ResourceKinds.Deployment) is [var only] && only == child ? only : null);
        await cluster.MakeReadyAsync(child);
        await cluster.UntilConditionAsync(Model, "Reconciling", "False", "Settled");

        // Now that nothing else happens, what is edited by hand is still put back.
        await cluster.PatchAsync(ResourceKinds.Deployment, child, "spec: {replicas: 7, template: {spec: {enableServiceLinks: true}}}");
        await cluster.UntilAsync(() => cluster.Get<V1Deployment>(ResourceKinds.Deployment, child) is { Spec: { Replicas: 3, Template.Spec.EnableServiceLinks: false } } put ? put : null);
        await cluster.PatchAsync(ResourceKinds.ConfigMap, child, "data: {runtime.json: '{}'}");
        await cluster.UntilAsync(() => cluster.Get<V1ConfigMap>(ResourceKinds.ConfigMap, child)?.Data["runtime.json"].Length > 2 ? child : null);
        await cluster.Api.DeleteAsync(ResourceKinds.Service, new ObjectKey("default", child), null, default);
        await cluster.UntilAsync(() => cluster.Get<V1Service>(ResourceKinds.Service, child));
    }

    private static async Task<WebApplication> StepAsync(Cluster cluster, WebApplication app, int what, int which, int count)
    {
        var children = cluster.Names(ResourceKinds.Deployment);
        var child = children.Count == 0 ? null : children[which % children.Count];
        switch (what)
        {
            case 0:
                await cluster.PatchAsync(ResourceKinds.Model, Model, $"spec: {{model: {{uri: 'pvc://models/v{which}'}}}}");
                break;
            case 1:
                await cluster.PatchAsync(ResourceKinds.Model, Model, $"spec: {{replicas: {which}}}");
                break;
            case 2:
                await cluster.PatchAsync(ResourceKinds.Model, Model, string.Create(CultureInfo.InvariantCulture, $"metadata: {{annotations: {{tool.io/seen: '{count}'}}}}"));
                break;
            case 3:
                await cluster.PatchAsync(ResourceKinds.Model, Model, which == 0 ? "spec: {model: {uri: 'file:///nowhere'}}" : "spec: {model: {uri: 'pvc://models/v1'}}");
                break;
            case 4 when child is not null:
                await TolerateGoneAsync(() => cluster.PatchAsync(ResourceKinds.Deployment, child, $"spec: {{replicas: {5 + which}}}"));
                break;
            case 5 when child is not null:
                await TolerateGoneAsync(() => cluster.PatchAsync(ResourceKinds.ConfigMap, child, "data: {runtime.json: '{}'}"));
                break;
            case 6 when child is not null:
                await cluster.Api.DeleteAsync(ResourceKinds.Service, new ObjectKey("default", child), null, default);
                break;
            case 7 when child is not null:
                await TolerateGoneAsync(() => cluster.PatchAsync(ResourceKinds.Deployment, child, $"status: {{replicas: {which}, readyReplicas: {which}}}", "status"));
                break;
            case 8:
                await app.StopAsync();
                return (await cluster.StartOperatorAsync($"restart-{count}")).App;
            default:
                break;
        }

        return app;
    }

    // The operator may have removed the child meanwhile.
    private static async Task TolerateGoneAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (Kube.Client.KubeApiException e) when (e.IsNotFound)
        {
        }
    }
}
