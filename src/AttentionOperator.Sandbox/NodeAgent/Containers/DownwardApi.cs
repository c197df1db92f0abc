using System.Globalization;
using k8s.Models;

namespace AttentionOperator.Sandbox.NodeAgent.Containers;

/// <summary>Values that a container may learn about its own pod: <c>fieldRef</c> and <c>resourceFieldRef</c>.</summary>
internal static class DownwardApi
{
    /// <summary>A pod's field as text.</summary>
    /// <exception cref="ContainerConfigurationException">The path is none that the downward API offers.</exception>
    public static string Field(V1Pod pod, string path, string podAddress, string hostAddress)
    {
        var value = path switch
        {
            "metadata.name" => pod.Metadata.Name,
            "metadata.namespace" => pod.Metadata.NamespaceProperty,
            "metadata.uid" => pod.Metadata.Uid,
            "metadata.labels" => Lines(pod.Metadata.Labels),
            "metadata.annotations" => Lines(pod.Metadata.Annotations),
            "spec.nodeName" => pod.Spec.NodeName,
            "spec.serviceAccountName" => pod.Spec.ServiceAccountName ?? "default",
            "status.podIP" or "status.podIPs" => podAddress,
            "status.hostIP" or "status.hostIPs" => hostAddress,
            _ => null,
        };
        if (value is not null)
        {
            return value;
        }

        return Subscript(path, "metadata.labels") is { } label
            ? pod.Metadata.Labels?.TryGetValue(label, out var labelValue) == true ? labelValue : string.Empty
            : Subscript(path, "metadata.annotations") is { } annotation
                ? pod.Metadata.Annotations?.TryGetValue(annotation, out var annotationValue) == true ? annotationValue : string.Empty
                : throw new ContainerConfigurationException("CreateContainerConfigError", $"unsupported fieldPath: {path}");
    }

    /// <summary>A container's resource, divided by the divisor and rounded up; limits that are not set are the node's capacity.</summary>
    public static string Resource(V1Container container, string resource, ResourceQuantity? divisor, IReadOnlyDictionary<string, decimal> nodeCapacity)
    {
        var dot = resource.IndexOf('.', StringComparison.Ordinal);
        var (kind, name) = dot < 0 ? (string.Empty, resource) : (resource[..dot], resource[(dot + 1)..]);
        var values = kind switch
        {
            "limits" => container.Resources?.Limits,
            "requests" => container.Resources?.Requests,
            _ => throw new ContainerConfigurationException("CreateContainerConfigError", $"unsupported container resource: {resource}"),
        };
        var amount = values is not null && values.TryGetValue(name, out var quantity)
            ? quantity.ToDecimal()
            : kind == "limits" ? nodeCapacity.GetValueOrDefault(name) : 0;
        var unit = divisor?.ToDecimal() is > 0 and var d ? d : 1;
        return decimal.Ceiling(amount / unit).ToString(CultureInfo.InvariantCulture);
    }

    private static string Lines(IDictionary<string, string>? values) =>
        string.Join('\n', (values ?? new Dictionary<string, string>())
            .OrderBy(v => v.Key, StringComparer.Ordinal)
            .Select(v => $"{v.Key}=\"{v.Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\""));

    private static string? Subscript(string path, string field) =>
        path.StartsWith(field + "['", StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal)
            ? path[(field.Length + 2)..^2]
            : null;
}
