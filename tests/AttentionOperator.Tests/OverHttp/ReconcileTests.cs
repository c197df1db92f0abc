using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Revisions;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Observation;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;

namespace AttentionOperator.Tests.OverHttp;

public sealed class ReconcileTests
{
    private const string Spec = "{model: {uri: 'pvc://models/v1'}, replicas: 2}";
    private static readonly ObjectKey Chat = new("default", "chat");

    [Fact]
    public async Task Model_becomes_children_and_serves()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.StartOperatorAsync();
        var child = await ServeAsync(cluster);
        Assert.All((ResourceKind[])[ResourceKinds.Deployment, ResourceKinds.Service, ResourceKinds.ConfigMap, ResourceKinds.ControllerRevision], resource => Assert.Equal([child], cluster.Names(resource)));
        Assert.Contains("chat", cluster.Names(ResourceKinds.ServiceAccount));
        var status = cluster.Model("chat")!.Status!;
        Assert.Equal((2, 2, "attentionoperator.io/model=chat", "http://gateway/v1"), (status.Replicas, status.ReadyReplicas, status.Selector, status.Url));
        Assert.Equal(100, Assert.Single(status.Traffic!).Weight);
        await cluster.UntilAsync(() => cluster.EventsOf("chat").FirstOrDefault(found => found.Reason == "Serving" && found.Type == "Normal"));
    }

    [Fact]
    public async Task Settled_model_costs_no_request()
    {
        await using var cluster = await Cluster.StartAsync();
        var (app, calls) = await cluster.StartOperatorAsync();
        await ServeAsync(cluster);
        var reconciler = app.Services.GetRequiredService<IReconciler<ObjectKey>>();
        var caches = app.Services.GetRequiredService<ModelCaches>();
        await cluster.UntilAsync(() => caches.Models.Get(Chat)?.ResourceVersion == cluster.Model("chat")!.Metadata.ResourceVersion ? caches : null);
        // Events are sent behind the reconciler's back, in order; the one of the last change must not arrive in the middle of the count.
        await cluster.UntilAsync(() => cluster.EventsOf("chat").FirstOrDefault(found => found.Reason == "Serving" && found.Type == "Normal"));
        await reconciler.ReconcileAsync(Chat, default);
        var before = calls.All.Count;
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(ReconcileOutcome.Done, (await reconciler.ReconcileAsync(Chat, default)).Outcome);
        }

        Assert.Equal([], calls.All.Skip(before));
    }

    [Fact]
    public async Task Hand_edits_and_deletions_are_put_back()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.StartOperatorAsync();
        var child = await ServeAsync(cluster);
        await cluster.PatchAsync(ResourceKinds.Deployment, child, "spec: {replicas: 7, template: {spec: {automountServiceAccountToken: true}}}");
        await cluster.UntilAsync(() => cluster.Get<V1Deployment>(ResourceKinds.Deployment, child) is { Spec: { Replicas: 2, Template.Spec.AutomountServiceAccountToken: false } } put ? put : null);
        await cluster.PatchAsync(ResourceKinds.ConfigMap, child, "data: {runtime.json: '{}'}");
        await cluster.UntilAsync(() => cluster.Get<V1ConfigMap>(ResourceKinds.ConfigMap, child)?.Data["runtime.json"].Length > 2 ? child : null);
        var old = cluster.Get<V1Service>(ResourceKinds.Service, child)!.Metadata.Uid;
        await cluster.Api.DeleteAsync(ResourceKinds.Service, new ObjectKey("default", child), null, default);
        await cluster.UntilAsync(() => cluster.Get<V1Service>(ResourceKinds.Service, child) is { } made && made.Metadata.Uid != old ? made : null);
        await cluster.PatchAsync(ResourceKinds.Service, child, $"metadata: {{labels: {{{LabelNames.AppManagedBy}: null}}}}");
        await cluster.UntilAsync(() => cluster.Get<V1Service>(ResourceKinds.Service, child)!.Metadata.Labels.ContainsKey(LabelNames.AppManagedBy) ? child : null);
    }

    [Fact]
    public async Task New_revision_takes_over_when_ready_and_the_old_one_goes()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.StartOperatorAsync();
        var first = await ServeAsync(cluster);
        await cluster.PatchAsync(ResourceKinds.Model, "chat", "spec: {model: {uri: 'pvc://models/v2'}, rollout: {strategy: BlueGreen, maxSurge: 100%, bake: 0s}}");
        var during = await cluster.UntilConditionAsync("chat", "Reconciling", "True", "RolloutInProgress");
        var second = $"chat-{during.Status!.TargetRevision}";
        Assert.Equal(first, $"chat-{Assert.Single(during.Status.Traffic!).Revision}");
        await cluster.MakeReadyAsync(second);
        await cluster.UntilAsync(() => cluster.Names(ResourceKinds.Deployment) is [var only] && only == second ? only : null);
        var after = await cluster.UntilConditionAsync("chat", "Reconciling", "False", "Settled");
        Assert.Equal(second, $"chat-{Assert.Single(after.Status!.Traffic!).Revision}");
        await cluster.UntilAsync(() => cluster.Names(ResourceKinds.Service) is [var only] && only == second ? only : null);
        Assert.Equal(2, cluster.Names(ResourceKinds.ControllerRevision).Count);
    }

    [Fact]
    public async Task Invalid_spec_stalls_and_what_serves_goes_on()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.StartOperatorAsync();
        var child = await ServeAsync(cluster);
        // The schema lets this through: only the installation knows which directories of the nodes it allows.
        await cluster.PatchAsync(ResourceKinds.Model, "chat", "spec: {model: {uri: 'file:///etc'}}");
        var stalled = await cluster.UntilConditionAsync("chat", "Stalled", "True", "InvalidSpec");
        Assert.Contains(stalled.Status!.Conditions!, condition => condition is { Type: "Ready", Status: "True" });
        Assert.Equal([child], cluster.Names(ResourceKinds.Deployment));
        var warning = await cluster.UntilAsync(() => cluster.EventsOf("chat").FirstOrDefault(found => found.Reason == "InvalidSpec"));
        Assert.Equal("Warning", warning.Type);
        Assert.Contains("file:///etc", warning.Message, StringComparison.Ordinal);
        await cluster.PatchAsync(ResourceKinds.Model, "chat", "spec: {model: {uri: 'pvc://models/v1'}}");
        await cluster.UntilConditionAsync("chat", "Stalled", "False", "Settled");
    }

    [Theory]
    [InlineData("{model: {}}", "uri")]
    [InlineData("{model: {uri: 'pvc://m/a', digest: 'sha256:1'}}", "digest")]
    [InlineData("{model: {uri: 'pvc://m/a'}, task: Sing}", "task")]
    [InlineData("{model: {uri: 'pvc://m/a'}, replicas: -1}", "replicas")]
    [InlineData("{model: {uri: 'pvc://m/a'}, resources: {cpu: fast}}", "cpu")]
    [InlineData("{model: {uri: 'pvc://m/a'}, runtime: {drainTimeout: long}}", "drainTimeout")]
    public Task Schema_refuses_malformed_models_and_names_the_field(string spec, string field) => RefusedAsync(spec, field);

    [Theory]
    [InlineData("{model: {uri: 'gs://bucket/model'}}", "model.uri")]
    [InlineData("{model: {uri: 'pvc://models/../a'}}", "model.uri")]
    [InlineData("{model: {uri: 'pvc://m/a'}, task: Embed, limits: {maxInputTokens: 4096}}", "limits.maxInputTokens")]
    public Task Rules_refuse_what_the_schema_cannot_say(string spec, string field) => RefusedAsync(spec, field);

    private static async Task RefusedAsync(string spec, string field)
    {
        await using var cluster = await Cluster.StartAsync();
        var refused = await Assert.ThrowsAsync<KubeApiException>(() => cluster.CreateModelAsync("chat", spec));
        Assert.Equal(422, (int)refused.Status);
        Assert.Contains(field, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failing_pods_are_explained_on_the_model()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.StartOperatorAsync();
        await cluster.CreateModelAsync("chat", Spec);
        var child = await cluster.UntilAsync(() => cluster.Names(ResourceKinds.Deployment).SingleOrDefault());
        var deployment = cluster.Get<V1Deployment>(ResourceKinds.Deployment, child)!;
        var pod = new V1Pod
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Metadata = new V1ObjectMeta { Name = child + "-1", Labels = deployment.Spec.Template.Metadata.Labels },
            Spec = deployment.Spec.Template.Spec,
        };
        await cluster.Api.CreateAsync(ResourceKinds.Pod, "default", KubeJson.Serialize(pod), default);
        await cluster.PatchAsync(ResourceKinds.Pod, child + "-1", """
            status:
              phase: Running
              containerStatuses:
              - {name: runtime, image: attention-runtime, imageID: "", ready: false, restartCount: 2, state: {waiting: {reason: CrashLoopBackOff}},
                 lastState: {terminated: {exitCode: 1, message: '{"reason":"UnsupportedArchitecture","message":"config.json names MambaForCausalLM"}'}}}
            """, "status");
        var model = await cluster.UntilConditionAsync("chat", "Stalled", "True", "UnsupportedArchitecture");
        Assert.Contains(model.Status!.Conditions!, condition => condition is { Type: "Ready", Status: "False", Reason: "UnsupportedArchitecture" } && condition.Message.Contains("MambaForCausalLM", StringComparison.Ordinal));
        await cluster.UntilAsync(() => cluster.EventsOf("chat").FirstOrDefault(found => found.Reason == "UnsupportedArchitecture" && found.Type == "Warning"));
    }

    [Fact]
    public async Task Objects_of_others_are_never_taken_over()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.Api.CreateAsync(ResourceKinds.ServiceAccount, "default", KubeJson.Serialize(new V1ServiceAccount { ApiVersion = "v1", Kind = "ServiceAccount", Metadata = new V1ObjectMeta { Name = "chat" } }), default);
        await cluster.StartOperatorAsync();
        await cluster.CreateModelAsync("chat", Spec);
        var model = await cluster.UntilConditionAsync("chat", "Stalled", "True", "NameTaken");
        Assert.Contains("ServiceAccount default/chat", model.Status!.Conditions!.Single(condition => condition.Type == "Stalled").Message, StringComparison.Ordinal);
        Assert.Null(cluster.Get<V1ServiceAccount>(ResourceKinds.ServiceAccount, "chat")!.Metadata.OwnerReferences);
    }

    [Fact]
    public async Task Scale_subresource_changes_the_replicas()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.StartOperatorAsync();
        var child = await ServeAsync(cluster);
        await cluster.PatchAsync(ResourceKinds.Model, "chat", "spec: {replicas: 5}", "scale");
        await cluster.UntilAsync(() => cluster.Get<V1Deployment>(ResourceKinds.Deployment, child) is { Spec.Replicas: 5 } scaled ? scaled : null);
        Assert.Equal([child], cluster.Names(ResourceKinds.Deployment));
    }

    [Fact]
    public async Task Restarted_operator_changes_nothing()
    {
        await using var cluster = await Cluster.StartAsync();
        var (first, _) = await cluster.StartOperatorAsync();
        await ServeAsync(cluster);
        await first.StopAsync();
        var (second, calls) = await cluster.StartOperatorAsync("two");
        var caches = second.Services.GetRequiredService<ModelCaches>();
        await caches.WaitForSyncAsync(default);
        await second.Services.GetRequiredService<IReconciler<ObjectKey>>().ReconcileAsync(Chat, default);
        Assert.Empty(calls.Writes);
    }

    [Fact]
    public async Task Standby_takes_over_when_the_leader_stops()
    {
        await using var cluster = await Cluster.StartAsync();
        var (leader, _) = await cluster.StartOperatorAsync("one", leaderElection: true);
        await ServeAsync(cluster);
        var (_, standby) = await cluster.StartOperatorAsync("two", leaderElection: true);
        Assert.Empty(standby.Writes);
        await leader.StopAsync();
        await cluster.PatchAsync(ResourceKinds.Model, "chat", "spec: {replicas: 3}");
        await cluster.UntilAsync(() => cluster.Names(ResourceKinds.Deployment) is [var only] && cluster.Get<V1Deployment>(ResourceKinds.Deployment, only) is { Spec.Replicas: 3 } scaled ? scaled : null);
        Assert.NotEmpty(standby.Writes);
    }

    private static async Task<string> ServeAsync(Cluster cluster)
    {
        await cluster.CreateModelAsync("chat", Spec);
        var name = ChildNames.Revision("chat", RevisionHash.Compute(new() { Model = new() { Uri = "pvc://models/v1" } }));
        await cluster.MakeReadyAsync(name);
        await cluster.UntilConditionAsync("chat", "Reconciling", "False", "Settled");
        return name;
    }
}
