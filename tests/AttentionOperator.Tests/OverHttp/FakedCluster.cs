using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Serialization;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Hosting;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Observation;
using AttentionOperator.Sandbox.Hosting;
using AttentionOperator.Sandbox.NodeAgent.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AttentionOperator.Tests.OverHttp;

/// <summary>A whole cluster whose pods only say that they run, with the operator, and what tests ask of it.</summary>
internal sealed class FakedCluster : IAsyncDisposable
{
    private static readonly ResourceKind Crds = new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly SandboxHost sandbox;
    private readonly WebApplication app;

    private FakedCluster(SandboxHost sandbox, KubeConnection connection, WebApplication app)
    {
        this.sandbox = sandbox;
        this.app = app;
        Connection = connection;
        Api = new KubeApi(connection);
    }

    public KubeConnection Connection { get; }

    public KubeApi Api { get; }

    public SharedInformer<KubeObject> Pods => app.Services.GetRequiredService<ModelCaches>().Pods;

    /// <param name="nodes">Nodes as the Sandbox's <c>--node</c> names them; none: its default one.</param>
    public static async Task<FakedCluster> StartAsync(params string[] nodes)
    {
        var settings = new SandboxSettings { FakedPods = true };
        var sandbox = await SandboxHost.StartAsync(
            nodes.Length == 0 ? settings : settings with { Nodes = [.. nodes.Select(NodeSpecification.Parse)] }, NullLoggerFactory.Instance, TimeProvider.System, default);
        var connection = KubeConnection.Create(new KubeConnectionOptions { KubeConfig = sandbox.KubeConfig });
        var api = new KubeApi(connection);
        foreach (var file in Directory.GetFiles(Path.Combine(Root(), "crds"), "*.yaml"))
        {
            await api.CreateAsync(Crds, "", JsonSerializer.SerializeToUtf8Bytes(YamlDocuments.Parse(await File.ReadAllTextAsync(file))[0]), default);
        }

        var app = OperatorHost.Build(new OperatorOptions { KubeConfig = sandbox.KubeConfig, Listen = "127.0.0.1:0", LeaderElection = false, LogLevel = LogLevel.Warning });
        await app.StartAsync();
        var cluster = new FakedCluster(sandbox, connection, app);
        await cluster.CreateAsync(
            new ResourceKind("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim"),
            "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: models}, spec: {accessModes: [ReadOnlyMany], resources: {requests: {storage: 1Gi}}}}");
        return cluster;
    }

    public Task<KubeObject> CreateAsync(ResourceKind resource, string yaml) =>
        Api.CreateAsync(resource, resource.Namespaced ? "default" : "", JsonSerializer.SerializeToUtf8Bytes(YamlDocuments.Parse(yaml)[0]), default);

    /// <summary>Creates the sample model with another spec on top.</summary>
    public async Task CreateModelAsync(string name, string spec)
    {
        var sample = YamlDocuments.Parse(await File.ReadAllTextAsync(Path.Combine(Root(), "config", "samples", "chat.yaml")))[0];
        sample["metadata"]!["name"] = name;
        foreach (var (field, value) in YamlDocuments.Parse(spec)[0].AsObject())
        {
            sample["spec"]![field] = value?.DeepClone();
        }

        await Api.CreateAsync(ResourceKinds.Model, "default", JsonSerializer.SerializeToUtf8Bytes<JsonNode>(sample), default);
    }

    public Task PatchAsync(ResourceKind resource, string name, string patch, string? subresource = null) => Api.MergePatchAsync(
        resource, new ObjectKey(resource.Namespaced ? "default" : "", name), JsonSerializer.SerializeToUtf8Bytes(YamlDocuments.Parse(patch)[0]), subresource, default);

    public Task<AttentionModel> UntilAsync(string name, Func<AttentionModel, bool> holds) => UntilAsync(
        app.Services.GetRequiredService<ModelCaches>().Models, value => value?.Key.Name == name && value.As<AttentionModel>() is var model && holds(model) ? model : null);

    /// <summary>Waits for a value that a change of an informer's objects brings; the objects that are there count too.</summary>
    public static async Task<T> UntilAsync<T>(SharedInformer<KubeObject> informer, Func<KubeObject?, T?> look, [CallerArgumentExpression(nameof(look))] string what = "")
        where T : class
    {
        KubeObject? last = null;
        var seen = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var handler = informer.AddHandler(@event =>
        {
            last = @event.New ?? last;
            if (look(@event.New) is { } found)
            {
                seen.TrySetResult(found);
            }
        });
        try
        {
            return await seen.Task.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{what} did not come true within {Patience}; the last change was {(last is null ? "none" : System.Text.Encoding.UTF8.GetString(last.Json.Span))}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        Connection.Dispose();
        await sandbox.DisposeAsync();
    }

    private static string Root([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", ".."));
}
