using System.Reflection;
using k8s;
using k8s.Models;

namespace AttentionOperator.Kube.Objects;

/// <summary>An API resource: enough to build its paths and to name it. <see cref="Group"/> is empty for the core group.</summary>
public sealed record ResourceKind(string Group, string Version, string Plural, string Kind, bool Namespaced = true)
{
    public string ApiVersion { get; } = Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The label that metrics and logs carry: <c>deployments.apps</c>, <c>pods</c>.</summary>
    public string FullName { get; } = Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>The resource of a KubernetesClient model, or of any type that carries <see cref="KubernetesEntityAttribute"/>.</summary>
    public static ResourceKind Of<T>(bool namespaced = true)
        where T : IKubernetesObject
    {
        KubernetesEntityAttribute entity = typeof(T).GetCustomAttribute<KubernetesEntityAttribute>()
            ?? throw new ArgumentException($"{typeof(T)} has no KubernetesEntityAttribute; construct its ResourceKind explicitly.");
        return new ResourceKind(entity.Group ?? "", entity.ApiVersion, entity.PluralName, entity.Kind, namespaced);
    }

    /// <summary>Path of the collection, relative to the server's base address. An empty namespace means all namespaces.</summary>
    public string CollectionPath(string ns = "")
    {
        string root = Group.Length == 0 ? $"api/{Version}" : $"apis/{Group}/{Version}";
        return Namespaced && !string.IsNullOrEmpty(ns) ? $"{root}/namespaces/{Uri.EscapeDataString(ns)}/{Plural}" : $"{root}/{Plural}";
    }

    /// <summary>Path of one object or of one of its subresources.</summary>
    public string ObjectPath(ObjectKey key, string? subresource = null)
    {
        if (Namespaced && string.IsNullOrEmpty(key.Namespace))
        {
            throw new ArgumentException($"{FullName} is namespaced, but '{key}' has no namespace.", nameof(key));
        }

        string path = $"{CollectionPath(key.Namespace)}/{Uri.EscapeDataString(key.Name)}";
        return string.IsNullOrEmpty(subresource) ? path : $"{path}/{subresource}";
    }

    public override string ToString() => $"{Kind}.{ApiVersion}";
}
