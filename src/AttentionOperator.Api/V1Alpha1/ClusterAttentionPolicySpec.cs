using k8s.Models;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>Rules for AttentionModels, and the namespaces that they hold for.</summary>
public sealed record ClusterAttentionPolicySpec : AttentionPolicySpec
{
    /// <summary>Labels of the namespaces; default: all namespaces.</summary>
    public V1LabelSelector? NamespaceSelector { get; init; }
}
