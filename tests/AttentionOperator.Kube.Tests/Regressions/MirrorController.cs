using System.Text.Json.Nodes;
using AttentionOperator.Kube.Apply;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Control;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Kube.Queues;
using AttentionOperator.Kube.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace AttentionOperator.Kube.Tests.Regressions;

/// <summary>A whole small operator on the kit: each ConfigMap of one namespace gets a Secret with the same value, by server-side apply.</summary>
internal sealed class MirrorController : IReconciler<ObjectKey>, IAsyncDisposable
{
    public const string Parents = "/api/v1/namespaces/ns/configmaps";
    public const string Children = "/api/v1/namespaces/ns/secrets";
    private static readonly ResourceKind Secrets = new("", "v1", "secrets", "Secret");
    private readonly CancellationTokenSource stop = new();
    private readonly KubeConnection connection;
    private readonly KubeApi api;
    private readonly SharedInformer<KubeObject> parents;
    private readonly SharedInformer<KubeObject> children;
    private readonly OwnWrites<ObjectKey> ownWrites;
    private readonly Task run;

    public MirrorController(ApiServer server)
    {
        connection = server.Connect();
        api = new KubeApi(connection);
        Applier = new ServerSideApplier(api, "mirror");
        ownWrites = new OwnWrites<ObjectKey>(TimeSpan.FromMinutes(5));
        parents = Informer(ApiServer.ConfigMaps);
        children = Informer(Secrets);
        Applier.Follow(children);
        var queue = new WorkQueueOptions { FirstRetry = TimeSpan.FromMilliseconds(1), LongestRetry = TimeSpan.FromMilliseconds(50), RetriesPerSecond = 10_000, RetryBurst = 10_000 };
        Controller = new Controller<ObjectKey>(this, new ControllerOptions { Name = "mirror", Workers = 3, Queue = queue }, NullLogger<Controller<ObjectKey>>.Instance, ownWrites);
        Controller.Queue.AddFrom(parents);
        Controller.Queue.AddFrom(children);
        run = Task.WhenAll(parents.RunAsync(stop.Token), children.RunAsync(stop.Token), LeadAsync());
    }

    public Controller<ObjectKey> Controller { get; }

    public ServerSideApplier Applier { get; }

    public OwnWrites<ObjectKey> OwnWrites => ownWrites;

    public Observed<ObjectKey> Reconciled { get; } = new();

    public async ValueTask<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        KubeObject? parent = parents.Get(key);
        KubeObject? child = children.Get(key);
        if (parent is null)
        {
            if (child is not null && await api.DeleteAsync(Secrets, key, new DeletePreconditions(child.Uid), cancellation))
            {
                ownWrites.RecordDelete(key, children, child.Identity);
            }
        }
        else
        {
            var desired = new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Secret",
                ["metadata"] = new JsonObject { ["name"] = key.Name, ["namespace"] = key.Namespace },
                ["data"] = JsonNode.Parse(parent.Json.Span)!["data"]?.DeepClone(),
            };
            ApplyResult result = await Applier.ApplyAsync(new ApplyRequest(Secrets, key, System.Text.Encoding.UTF8.GetBytes(desired.ToJsonString())), child, cancellation);
            if (result.Wrote)
            {
                ownWrites.Record(key, children, result.Object!.Identity);
            }
        }

        Reconciled.Add(key);
        return ReconcileResult.Done;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await run;
        Controller.Dispose();
        connection.Dispose();
        stop.Dispose();
    }

    private async Task LeadAsync()
    {
        try
        {
            await Task.WhenAll(parents.WaitForSyncAsync(stop.Token), children.WaitForSyncAsync(stop.Token));
        }
        catch (OperationCanceledException)
        {
            return;
        }

        await Controller.RunAsync(stop.Token);
    }

    private SharedInformer<KubeObject> Informer(ResourceKind resource) => new(
        connection,
        resource,
        new KubeObjectCodec(resource),
        new InformerOptions<KubeObject> { FirstReconnect = TimeSpan.FromMilliseconds(1), LongestReconnect = TimeSpan.FromMilliseconds(20) },
        NullLogger.Instance);
}
