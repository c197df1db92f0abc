using System.Text.Json;
using k8s;

namespace AttentionOperator.Api.Serialization;

/// <summary>JSON as the Kubernetes API writes it: camelCase names, PascalCase enums, nothing for null.</summary>
public static class KubernetesJsonOptions
{
    public static JsonSerializerOptions Instance { get; } = new KubernetesClientConfiguration().JsonSerializerOptions;
}
