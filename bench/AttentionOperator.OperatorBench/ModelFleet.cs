using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Api.Naming;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using Microsoft.Extensions.Logging.Abstractions;

namespace AttentionOperator.OperatorBench;

/// <summary>Many AttentionModels and their Deployments, as a user of the API sees them.</summary>
internal sealed class ModelFleet : IAsyncDisposable
{
    // Memory is what a soak measures; a machine at its limit would measure the API server.
    private static readonly TimeSpan ChurnPace = TimeSpan.FromMilliseconds(50);
    private const int Writers = 16;
    private const int ModelsPerNamespace = 500;
    private static readonly ResourceKind Models = new(ApiNames.Group, ApiNames.Version, ApiNames.Plural, ApiNames.Kind);
    private static readonly ResourceKind Namespaces = new("", "v1", "namespaces", "Namespace", false);
    private static readonly ResourceKind Deployments = new("apps", "v1", "deployments", "Deployment");
    private readonly CancellationTokenSource stop = new();
    private readonly KubeApi api;
    private readonly SharedInformer<KubeObject> models;
    private readonly SharedInformer<KubeObject> deployments;
    private readonly Task watching;
    private readonly HashSet<ObjectKey> unsettled = [];
    private readonly Lock gate = new();
    private TaskCompletionSource<bool> settled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ModelFleet(KubeConnection connection)
    {
        api = new KubeApi(connection, "bench");
        var factory = new InformerFactory(connection, NullLoggerFactory.Instance);
        models = factory.Json(Models);
        deployments = factory.Json(Deployments, new InformerOptions<KubeObject> { LabelSelector = LabelNames.Model });
        models.AddHandler(OnModel);
        watching = Task.WhenAll(models.RunAsync(stop.Token), deployments.RunAsync(stop.Token));
    }

    public async Task CreateAsync(int count, CancellationToken cancellation)
    {
        for (var ns = 0; ns < count; ns += ModelsPerNamespace)
        {
            var document = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = Key(ns).Namespace } };
            await api.CreateOnceAsync(Namespaces, "", JsonSerializer.SerializeToUtf8Bytes(document), cancellation);
        }

        await ForEachAsync(Enumerable.Range(0, count), CreateModelAsync, cancellation);
    }

    /// <summary>Waits until every model is Ready and nothing is in progress.</summary>
    public async Task UntilSettledAsync(int count, CancellationToken cancellation)
    {
        while (true)
        {
            Task changed;
            lock (gate)
            {
                if (models.Count == count && unsettled.Count == 0)
                {
                    return;
                }

                changed = settled.Task;
            }

            await changed.WaitAsync(cancellation);
        }
    }

    /// <summary>Changes an annotation of every model, which leads to a reconcile with nothing to do.</summary>
    public Task TouchAsync(int count, CancellationToken cancellation)
    {
        var patch = JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { ["bench/touched"] = Guid.NewGuid().ToString() } } });
        return ForEachAsync(Enumerable.Range(0, count), (i, c) => api.MergePatchAsync(Models, Key(i), patch, null, c), cancellation);
    }

    /// <summary>Asks for a number of replicas and waits for the Deployment that shows it.</summary>
    /// <returns>From sending the edit to seeing the Deployment.</returns>
    public async Task<TimeSpan> EditAsync(int model, int replicas, CancellationToken cancellation)
    {
        var key = Key(model);
        var applied = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var handler = deployments.AddHandler(change =>
        {
            if (!change.IsInitial && change.New is { } value && value.Key.Namespace == key.Namespace && value.Label(LabelNames.Model) == key.Name && Replicas(value) == replicas)
            {
                applied.TrySetResult();
            }
        });
        var start = TimeProvider.System.GetTimestamp();
        await api.MergePatchAsync(Models, key, ReplicasPatch(replicas), null, cancellation);
        await applied.Task.WaitAsync(cancellation);
        return TimeProvider.System.GetElapsedTime(start);
    }

    /// <summary>Deletes and creates again, or resizes, one model after the other until the time is over; then waits for rest.</summary>
    public async Task<int> ChurnAsync(int count, TimeSpan time, Random random, CancellationToken cancellation)
    {
        var changes = 0;
        var start = TimeProvider.System.GetTimestamp();
        using var pace = new PeriodicTimer(ChurnPace);
        while (TimeProvider.System.GetElapsedTime(start) < time && await pace.WaitForNextTickAsync(cancellation))
        {
#pragma warning disable CA5394 // Picks models; nothing secret.
            var model = random.Next(count);
            if (random.Next(4) == 0)
#pragma warning restore CA5394
            {
                await api.DeleteAsync(Models, Key(model), null, cancellation);
                await CreateModelAsync(model, cancellation);
            }
            else
            {
                await api.MergePatchAsync(Models, Key(model), ReplicasPatch(1 + (changes % 2)), null, cancellation);
            }

            changes++;
        }

        await ForEachAsync(Enumerable.Range(0, count), (i, c) => api.MergePatchAsync(Models, Key(i), ReplicasPatch(1), null, c), cancellation);
        await UntilSettledAsync(count, cancellation);
        return changes;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await watching;
        stop.Dispose();
    }

    private static Task ForEachAsync(IEnumerable<int> models, Func<int, CancellationToken, Task> act, CancellationToken cancellation) =>
        Parallel.ForEachAsync(models, new ParallelOptions { MaxDegreeOfParallelism = Writers, CancellationToken = cancellation }, async (i, c) => await act(i, c));

    private static ObjectKey Key(int model) => new(
        string.Create(CultureInfo.InvariantCulture, $"team-{model / ModelsPerNamespace:00}"), string.Create(CultureInfo.InvariantCulture, $"model-{model:00000}"));

    private static byte[] ReplicasPatch(int replicas) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["spec"] = new JsonObject { ["replicas"] = replicas } });

    private static int? Replicas(KubeObject deployment)
    {
        using var document = deployment.Parse();
        return document.RootElement.GetProperty("spec").TryGetProperty("replicas", out var replicas) ? replicas.GetInt32() : null;
    }

    private Task CreateModelAsync(int model, CancellationToken cancellation)
    {
        var key = Key(model);
        var document = new JsonObject
        {
            ["apiVersion"] = ApiNames.ApiVersion,
            ["kind"] = ApiNames.Kind,
            ["metadata"] = new JsonObject { ["name"] = key.Name, ["namespace"] = key.Namespace },
            ["spec"] = new JsonObject
            {
                ["task"] = "Generate",
                ["model"] = new JsonObject { ["uri"] = "file:///models/bench" },
                ["resources"] = new JsonObject { ["cpu"] = "100m", ["memory"] = "64Mi" },
                ["replicas"] = 1,
            },
        };
        return api.CreateAsync(Models, key.Namespace, JsonSerializer.SerializeToUtf8Bytes(document), cancellation);
    }

    private void OnModel(InformerEvent<KubeObject> change)
    {
        lock (gate)
        {
            if (change.New is { } model && !IsSettled(model))
            {
                unsettled.Add(change.Key);
                return;
            }

            if (unsettled.Remove(change.Key) || change.Kind != InformerEventKind.Modified)
            {
                settled.TrySetResult(true);
                settled = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    private static bool IsSettled(KubeObject model)
    {
        using var document = model.Parse();
        return document.RootElement.TryGetProperty("status", out var status)
            && status.TryGetProperty("observedGeneration", out var seen) && seen.GetInt64() == model.Generation
            && status.TryGetProperty("conditions", out var conditions)
            && Holds(conditions, "Ready", "True") && Holds(conditions, "Reconciling", "False")
            && status.TryGetProperty("readyReplicas", out var ready) && ready.GetInt32() == document.RootElement.GetProperty("spec").GetProperty("replicas").GetInt32();
    }

    private static bool Holds(JsonElement conditions, string type, string status) =>
        conditions.EnumerateArray().Any(c => c.GetProperty("type").GetString() == type && c.GetProperty("status").GetString() == status);
}
