using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Serialization;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Hosting;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Observation;
using AttentionOperator.Sandbox.Hosting;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace AttentionOperator.Tests.OverHttp;

/// <summary>The operator in a whole cluster: controllers, scheduler, garbage collector, and pods that only say that they run.</summary>
public sealed class WholeClusterTests : IAsyncLifetime
{
    private static readonly ResourceKind Crds = new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false);
    private static readonly ObjectKey Chat = new("default", "chat");
    private SandboxHost sandbox = null!;
    private WebApplication app = null!;
    private KubeConnection connection = null!;
    private KubeApi api = null!;

    public async ValueTask InitializeAsync()
    {
        sandbox = await SandboxHost.StartAsync(new SandboxSettings { FakedPods = true }, NullLoggerFactory.Instance, TimeProvider.System, default);
        connection = KubeConnection.Create(new KubeConnectionOptions { KubeConfig = sandbox.KubeConfig });
        api = new KubeApi(connection);
        var crd = YamlDocuments.Parse(await File.ReadAllTextAsync(Repository("crds", "attentionmodels.attentionoperator.io.yaml")))[0];
        await api.CreateAsync(Crds, "", JsonSerializer.SerializeToUtf8Bytes(crd), default);
        app = OperatorHost.Build(new OperatorOptions { KubeConfig = sandbox.KubeConfig, Listen = "127.0.0.1:0", LeaderElection = false, LogLevel = LogLevel.Warning });
        await app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        connection.Dispose();
        await sandbox.DisposeAsync();
    }

    [Fact]
    public async Task Model_serves_rolls_over_and_leaves_nothing_behind()
    {
        await CreateClaimAsync();
        var sample = YamlDocuments.Parse(await File.ReadAllTextAsync(Repository("config", "samples", "chat.yaml")))[0];
        await api.CreateAsync(ResourceKinds.Model, "default", JsonSerializer.SerializeToUtf8Bytes(sample), default);
        var first = await UntilAsync(model => model.Status is { } status && IsTrue(status, "Ready") && !IsTrue(status, "Reconciling"));
        Assert.Equal(1, first.Status!.ReadyReplicas);

        var patch = JsonSerializer.SerializeToUtf8Bytes(YamlDocuments.Parse("spec: {model: {uri: 'pvc://models/austen-v2'}, replicas: 2, rollout: {bake: 0s}}")[0]);
        await api.MergePatchAsync(ResourceKinds.Model, Chat, patch, null, default);
        var second = await UntilAsync(model => model.Status is { } status && status.StableRevision != first.Status.StableRevision && !IsTrue(status, "Reconciling") && status is { Revisions.Count: 1, ReadyReplicas: 2 });
        Assert.Equal((second.Status!.TargetRevision, 100), (Assert.Single(second.Status.Traffic!).Revision, second.Status.Traffic![0].Weight));

        await using var left = await LabelledObjects.FollowAsync(connection, $"{LabelNames.Model}=chat");
        Assert.Empty(left.KindsWithout());
        await api.DeleteAsync(ResourceKinds.Model, Chat, null, default);
        await left.UntilNoneAsync();
    }

    [Fact]
    public async Task What_no_node_has_is_explained()
    {
        await CreateClaimAsync();
        var sample = YamlDocuments.Parse(await File.ReadAllTextAsync(Repository("config", "samples", "chat.yaml")))[0];
        sample["spec"]!["resources"] = YamlDocuments.Parse("{accelerator: {count: 8}}")[0];
        await api.CreateAsync(ResourceKinds.Model, "default", JsonSerializer.SerializeToUtf8Bytes(sample), default);
        var stuck = await UntilAsync(model => model.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "False", Reason: "Unschedulable" }) == true);
        Assert.Contains("1 of 1 have too little free nvidia.com/gpu (a replica asks for 8)", stuck.Status!.Conditions!.Single(condition => condition.Type == "Ready").Message, StringComparison.Ordinal);
    }

    private static bool IsTrue(AttentionModelStatus status, string type) => status.Conditions!.Any(condition => condition.Type == type && condition.Status == "True");

    private Task<KubeObject> CreateClaimAsync() => api.CreateAsync(
        new ResourceKind("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim"),
        "default",
        JsonSerializer.SerializeToUtf8Bytes(YamlDocuments.Parse("{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: models}, spec: {accessModes: [ReadOnlyMany], resources: {requests: {storage: 1Gi}}}}")[0]),
        default);

    private async Task<AttentionModel> UntilAsync(Func<AttentionModel, bool> holds)
    {
        AttentionModel? last = null;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        var caches = (ModelCaches)app.Services.GetService(typeof(ModelCaches))!;
        var seen = new TaskCompletionSource<AttentionModel>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var handler = caches.Models.AddHandler(@event =>
        {
            if (@event.New?.As<AttentionModel>() is { } model)
            {
                last = model;
                if (holds(model))
                {
                    seen.TrySetResult(model);
                }
            }
        });
        try
        {
            return await seen.Task.WaitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"the model stayed at {JsonSerializer.Serialize(last?.Status, KubeJson.Options)}");
        }
    }

    private static string Repository(string first, string second, string third = "", [CallerFilePath] string file = "") =>
        Path.Combine(Path.GetDirectoryName(file)!, "..", "..", "..", first, second, third).TrimEnd('/');
}
