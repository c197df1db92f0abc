using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Observation;
using Microsoft.Extensions.Logging.Abstractions;

namespace AttentionOperator.Tests.OverHttp;

/// <summary>All objects under one label that a model leads to: its own children and what controllers make of those.</summary>
internal sealed class LabelledObjects : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private static readonly ResourceKind[] Kinds =
    [
        .. ResourceKinds.Owned, ResourceKinds.Pod, new("apps", "v1", "replicasets", "ReplicaSet"), new("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice"),
    ];

    private readonly CancellationTokenSource stop = new();
    private readonly SemaphoreSlim changed = new(0);
    private readonly List<SharedInformer<KubeObject>> informers;
    private readonly Task watching;

    private LabelledObjects(KubeConnection connection, string selector)
    {
        var factory = new InformerFactory(connection, NullLoggerFactory.Instance);
        informers = [.. Kinds.Select(kind => factory.Json(kind, new InformerOptions<KubeObject> { LabelSelector = selector }))];
        informers.ForEach(informer => informer.AddHandler(_ => changed.Release()));
        watching = Task.WhenAll(informers.Select(informer => informer.RunAsync(stop.Token)));
    }

    public static async Task<LabelledObjects> FollowAsync(KubeConnection connection, string selector)
    {
        var objects = new LabelledObjects(connection, selector);
        await Task.WhenAll(objects.informers.Select(informer => informer.WaitForSyncAsync(default)));
        return objects;
    }

    /// <summary>Kinds of which there is no object.</summary>
    public IReadOnlyList<string> KindsWithout() => [.. informers.Where(informer => informer.Count == 0).Select(informer => informer.Resource.Kind)];

    public async Task UntilNoneAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        while (informers.Any(informer => informer.Count > 0))
        {
            try
            {
                await changed.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"left after {Patience}: {string.Join(", ", informers.SelectMany(informer => informer.List().Select(value => $"{informer.Resource.Kind} {value.Key}")))}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await watching;
        stop.Dispose();
        changed.Dispose();
    }
}
