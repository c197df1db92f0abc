using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Schema;
using k8s;
using k8s.Models;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>What holds for all AttentionModels of the namespaces that it selects. Its ceilings are those of each namespace, not of all together.</summary>
[KubernetesEntity(Group = ApiNames.Group, ApiVersion = ApiNames.Version, Kind = PolicyNames.ClusterKind, PluralName = PolicyNames.ClusterPlural)]
[PrinterColumn("Models", "integer", ".status.models", "AttentionModels that it holds for")]
[PrinterColumn("Violations", "integer", ".status.violations", "AttentionModels that it keeps from what their spec says")]
[PrinterColumn("Age", "date", ".metadata.creationTimestamp", "Time since creation")]
public sealed class ClusterAttentionPolicy : IKubernetesObject<V1ObjectMeta>, ISpec<ClusterAttentionPolicySpec>, IStatus<AttentionPolicyStatus?>
{
    public string ApiVersion { get; set; } = ApiNames.ApiVersion;

    public string Kind { get; set; } = PolicyNames.ClusterKind;

    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>Rules, and the namespaces that they hold for.</summary>
    [RequiredField]
    public ClusterAttentionPolicySpec Spec { get; set; } = new();

    /// <summary>Use against the ceilings; written by the operator.</summary>
    public AttentionPolicyStatus? Status { get; set; }
}
