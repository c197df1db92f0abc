using System.Text.Json.Nodes;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Kube.Tests.Support;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace AttentionOperator.Kube.Tests.Informers;

/// <summary>A scripted API server and an informer of ConfigMaps on it.</summary>
public abstract class InformerTestBase : IAsyncLifetime
{
    internal const string Collection = "/api/v1/namespaces/ns/configmaps";
    private readonly CancellationTokenSource stop = new();
    private readonly List<Task> running = [];
    private KubeConnection connection = null!;

    internal ApiServer Server { get; private set; } = null!;

    internal Observed<InformerEvent<V1ConfigMap>> Events { get; } = new();

    internal Observed<MalformedObject> Malformed { get; } = new();

    public async ValueTask InitializeAsync()
    {
        Server = await ApiServer.StartAsync();
        connection = Server.Connect();
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(running);
        connection.Dispose();
        await Server.DisposeAsync();
        stop.Dispose();
        GC.SuppressFinalize(this);
    }

    internal static ObjectKey Key(string name) => new("ns", name);

    internal void Put(string name, string value = "1") =>
        Server.Put(Collection, name, o => o["data"] = new JsonObject { ["value"] = value });

    internal SharedInformer<V1ConfigMap> Create(InformerOptions<V1ConfigMap>? options = null, TimeProvider? time = null)
    {
        options ??= Options();
        var informer = new SharedInformer<V1ConfigMap>(connection, ApiServer.ConfigMaps, new TypedCodec<V1ConfigMap>(ApiServer.ConfigMaps), options, NullLogger.Instance, null, time, new Random(1));
        informer.AddHandler(Events.Add);
        return informer;
    }

    internal InformerOptions<V1ConfigMap> Options(bool streaming = false, string ns = "ns", int pageSize = 500, TimeSpan? resync = null, string? labels = null) => new()
    {
        Namespace = ns,
        LabelSelector = labels,
        StreamingList = streaming,
        PageSize = pageSize,
        ResyncInterval = resync,
        FirstReconnect = TimeSpan.FromMilliseconds(1),
        LongestReconnect = TimeSpan.FromMilliseconds(20),
        OnMalformed = Malformed.Add,
    };

    internal void Run<T>(SharedInformer<T> informer)
        where T : class => running.Add(informer.RunAsync(stop.Token));

    internal KubeConnection Connection => connection;

    internal async Task<SharedInformer<V1ConfigMap>> StartAsync(InformerOptions<V1ConfigMap>? options = null, TimeProvider? time = null)
    {
        SharedInformer<V1ConfigMap> informer = Create(options, time);
        Run(informer);
        await informer.WaitForSyncAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
        return informer;
    }

    internal Task<RecordedRequest> WatchAsync(int n = 1) => Server.Watches.NthAsync(n, r => !r.IsStreamingList);
}
