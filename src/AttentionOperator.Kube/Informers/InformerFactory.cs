using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Metrics;
using AttentionOperator.Kube.Objects;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace AttentionOperator.Kube.Informers;

/// <summary>Makes informers on one connection with one set of collaborators.</summary>
public sealed class InformerFactory(KubeConnection connection, ILoggerFactory loggers, KubeMetrics? metrics = null, TimeProvider? time = null, Random? random = null)
{
    /// <summary>An informer of models: typed, convenient, and larger in memory than <see cref="Json"/>.</summary>
    public SharedInformer<T> Typed<T>(InformerOptions<T>? options = null, ResourceKind? resource = null)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        resource ??= ResourceKind.Of<T>();
        return Create(resource, new TypedCodec<T>(resource), options ?? new InformerOptions<T>());
    }

    /// <summary>An informer of any kind that keeps objects as compact JSON.</summary>
    /// <param name="resource">Kind.</param>
    /// <param name="options">What to watch.</param>
    /// <param name="fieldManager">Keep what this manager owns, for no-op detection.</param>
    public SharedInformer<KubeObject> Json(ResourceKind resource, InformerOptions<KubeObject>? options = null, string? fieldManager = null) =>
        Create(resource, new KubeObjectCodec(resource, fieldManager), options ?? new InformerOptions<KubeObject>());

    private SharedInformer<T> Create<T>(ResourceKind resource, IObjectCodec<T> codec, InformerOptions<T> options)
        where T : class
    {
        ILogger logger = loggers.CreateLogger($"AttentionOperator.Kube.Informers.{resource.FullName}");
        return new SharedInformer<T>(connection, resource, codec, options, logger, metrics, time, random);
    }
}
