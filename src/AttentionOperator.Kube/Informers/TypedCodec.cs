using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AttentionOperator.Kube.Objects;
using k8s;
using k8s.Models;

namespace AttentionOperator.Kube.Informers;

/// <summary>Objects as KubernetesClient models or custom resource types.</summary>
public sealed class TypedCodec<T> : IObjectCodec<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly ResourceKind resource;
    private readonly JsonTypeInfo<T> type;

    /// <param name="resource">Fills apiVersion and kind, which the server leaves out of the items of a list.</param>
    /// <param name="options">JSON options of the type; null takes the API's own, without managedFields.</param>
    public TypedCodec(ResourceKind resource, JsonSerializerOptions? options = null)
    {
        this.resource = resource;
        type = (JsonTypeInfo<T>)(options ?? KubeJson.WithoutManagedFields).GetTypeInfo(typeof(T));
    }

    public T Decode(ref Utf8JsonReader reader, ReadOnlySpan<byte> buffer)
    {
        T value = JsonSerializer.Deserialize(ref reader, type) ?? throw new JsonException("The object is null.");
        V1ObjectMeta meta = value.Metadata ?? throw new JsonException("The object has no metadata.");
        if (string.IsNullOrEmpty(meta.Name))
        {
            throw new JsonException("The object has no metadata.name.");
        }

        value.ApiVersion = resource.ApiVersion;
        value.Kind = resource.Kind;
        meta.ManagedFields = null;
        meta.NamespaceProperty = meta.NamespaceProperty is { } ns ? StringPool.Shared.Get(ns) : null;
        meta.Labels = Share(meta.Labels);
        return value;
    }

    public ObjectIdentity Identify(T value)
    {
        ArgumentNullException.ThrowIfNull(value);
        V1ObjectMeta meta = value.Metadata;
        return new ObjectIdentity(new ObjectKey(meta.NamespaceProperty ?? "", meta.Name), meta.Uid ?? "", meta.ResourceVersion ?? "");
    }

    public string? Label(T value, string name)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.Metadata.Labels is { } labels && labels.TryGetValue(name, out string? found) ? found : null;
    }

    public IEnumerable<ObjectOwner> Owners(T value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.Metadata.OwnerReferences is { } owners ? owners.Select(static o => new ObjectOwner(o.Kind, o.Name, o.Uid, o.Controller == true)) : [];
    }

    private static IDictionary<string, string>? Share(IDictionary<string, string>? labels)
    {
        if (labels is null || labels.Count == 0)
        {
            return labels;
        }

        var shared = new Dictionary<string, string>(labels.Count, StringComparer.Ordinal);
        foreach ((string key, string value) in labels)
        {
            shared[StringPool.Shared.Get(key)] = StringPool.Shared.Get(value);
        }

        return shared;
    }
}
