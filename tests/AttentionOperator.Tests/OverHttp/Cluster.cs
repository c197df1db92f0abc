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
using AttentionOperator.Sandbox.Api;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AttentionOperator.Tests.OverHttp;

/// <summary>An API server without controllers, an operator against it over HTTP, and the tests' own view of the objects.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly ResourceKind Crds = new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false);
    private static readonly ResourceKind Events = new("", "v1", "events", "Event");

    private readonly SandboxApiServer server;
    private readonly string kubeConfig = Path.Combine(Path.GetTempPath(), $"attention-{Guid.NewGuid():N}.kubeconfig");
    private readonly KubeConnection connection;
    private readonly CancellationTokenSource stop = new();
    private readonly List<Task> watching = [];
    private readonly SemaphoreSlim changed = new(0);
    private readonly Dictionary<ResourceKind, SharedInformer<KubeObject>> informers = [];
    private readonly List<WebApplication> operators = [];

    private Cluster(SandboxApiServer server)
    {
        this.server = server;
        File.WriteAllText(kubeConfig, server.KubeConfig);
        connection = KubeConnection.Create(new KubeConnectionOptions { KubeConfig = kubeConfig });
        Api = new KubeApi(connection, "test");
    }

    public KubeApi Api { get; }

    public string KubeConfigPath => kubeConfig;

    public static async Task<Cluster> StartAsync()
    {
        var cluster = new Cluster(await SandboxApiServer.StartAsync());
        var crd = YamlDocuments.Parse(await File.ReadAllTextAsync(CrdPath()))[0];
        await cluster.Api.CreateAsync(Crds, "", JsonSerializer.SerializeToUtf8Bytes(crd), default);
        foreach (var resource in (ResourceKind[])[ResourceKinds.Model, .. ResourceKinds.Owned, ResourceKinds.Pod, Events])
        {
            var informer = new InformerFactory(cluster.connection, NullLoggerFactory.Instance).Json(resource);
            informer.AddHandler(_ => cluster.changed.Release());
            cluster.informers[resource] = informer;
            cluster.watching.Add(informer.RunAsync(cluster.stop.Token));
        }

        await Task.WhenAll(cluster.informers.Values.Select(informer => informer.WaitForSyncAsync(cluster.stop.Token)));
        return cluster;
    }

    public async Task<(WebApplication App, RecordedCalls Calls)> StartOperatorAsync(string identity = "one", bool leaderElection = false, bool webhooks = false, string? runtimeImage = null, bool secure = false)
    {
        var calls = new RecordedCalls();
        var options = new OperatorOptions
        {
            KubeConfig = kubeConfig,
            Listen = "127.0.0.1:0",
            SecureListen = "127.0.0.1:0",
            GatewayNamespace = "",
            LeaderElection = leaderElection,
            Identity = identity,
            GatewayUrl = "http://gateway/v1",
            LogLevel = LogLevel.Warning,
            RuntimeImage = runtimeImage ?? "attention-runtime",
            ServiceName = webhooks || secure ? "attention-operator" : null,
            WebhookConfiguration = webhooks ? "attention-operator" : null,
            LeaseNamespace = webhooks ? "attention-system" : null,
        };
        var app = OperatorHost.Build(options, calls);
        await app.StartAsync();
        operators.Add(app);
        return (app, calls);
    }

    public async Task StopOperatorsAsync()
    {
        foreach (var app in operators)
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }

        operators.Clear();
    }

    public Task CreateModelAsync(string name, string spec) => Api.CreateAsync(ResourceKinds.Model, "default", ModelJson(name, spec), default);

    /// <summary>Creates a model and returns the warnings that came with the answer.</summary>
    public async Task<IReadOnlyList<string>> WarningsAsync(string name, string spec)
    {
        using var content = new ByteArrayContent(ModelJson(name, spec));
        content.Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue("application/json");
        using var response = await connection.SendAsync(HttpMethod.Post, ResourceKinds.Model.CollectionPath("default"), content, default);
        response.EnsureSuccessStatusCode();
        return response.Headers.TryGetValues("Warning", out var values) ? [.. values.Select(value => value[(value.IndexOf('"', StringComparison.Ordinal) + 1)..].TrimEnd('"'))] : [];
    }

    private static byte[] ModelJson(string name, string spec) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["apiVersion"] = ApiNames.ApiVersion,
        ["kind"] = ApiNames.Kind,
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = YamlDocuments.Parse(spec)[0],
    });

    public Task PatchAsync(ResourceKind resource, string name, string patch, string? subresource = null) =>
        Api.MergePatchAsync(resource, new ObjectKey("default", name), JsonSerializer.SerializeToUtf8Bytes(YamlDocuments.Parse(patch)[0]), subresource, default);

    /// <summary>Reports all replicas of a Deployment as ready, as its controller would.</summary>
    public async Task MakeReadyAsync(string deployment)
    {
        var live = await UntilAsync(() => Get<V1Deployment>(ResourceKinds.Deployment, deployment));
        await PatchAsync(ResourceKinds.Deployment, deployment, $"status: {{replicas: {live.Spec.Replicas}, readyReplicas: {live.Spec.Replicas}, observedGeneration: {live.Metadata.Generation}}}", "status");
    }

    public T? Get<T>(ResourceKind resource, string name)
        where T : class => informers[resource].Get(new ObjectKey("default", name))?.As<T>();

    public AttentionModel? Model(string name) => Get<AttentionModel>(ResourceKinds.Model, name);

    public IReadOnlyList<string> Names(ResourceKind resource) => [.. informers[resource].List().Where(value => value.Label(LabelNames.AppManagedBy) is not null).Select(value => value.Key.Name).Order(StringComparer.Ordinal)];

    public IReadOnlyList<Corev1Event> EventsOf(string model) =>
        [.. informers[Events].List().Select(value => value.As<Corev1Event>()).Where(found => found.InvolvedObject.Name == model)];

    /// <summary>Waits until a condition of the model has a status and a reason.</summary>
    public Task<AttentionModel> UntilConditionAsync(string name, string type, string status, string reason) => UntilAsync(() =>
        Model(name) is { Status.Conditions: { } conditions } model && conditions.Any(condition => condition.Type == type && condition.Status == status && condition.Reason == reason) ? model : null);

    /// <summary>Waits for a value, looking again after each change of any object.</summary>
    public async Task<T> UntilAsync<T>(Func<T?> look, [CallerArgumentExpression(nameof(look))] string what = "")
        where T : class
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            if (look() is { } found)
            {
                return found;
            }

            try
            {
                await changed.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"{what} did not come true within {Patience}; models: {string.Join("\n", informers[ResourceKinds.Model].List().Select(model => System.Text.Encoding.UTF8.GetString(model.Json.Span)))}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopOperatorsAsync();
        await stop.CancelAsync();
        await Task.WhenAll(watching);
        connection.Dispose();
        await server.DisposeAsync();
        File.Delete(kubeConfig);
        stop.Dispose();
        changed.Dispose();
    }

    private static string CrdPath([CallerFilePath] string file = "") =>
        Path.Combine(Path.GetDirectoryName(file)!, "..", "..", "..", "crds", "attentionmodels.attentionoperator.io.yaml");
}
