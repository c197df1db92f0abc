using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Schema;
using k8s;
using k8s.Models;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>What holds for all AttentionModels of its namespace: defaults, caps, allowed sources and runtimes, ceilings of accelerators and cost.</summary>
[KubernetesEntity(Group = ApiNames.Group, ApiVersion = ApiNames.Version, Kind = PolicyNames.Kind, PluralName = PolicyNames.Plural)]
[PrinterColumn("Models", "integer", ".status.models", "AttentionModels that it holds for")]
[PrinterColumn("Violations", "integer", ".status.violations", "AttentionModels that it keeps from what their spec says")]
[PrinterColumn("Age", "date", ".metadata.creationTimestamp", "Time since creation")]
public sealed class AttentionPolicy : IKubernetesObject<V1ObjectMeta>, ISpec<AttentionPolicySpec>, IStatus<AttentionPolicyStatus?>
{
    public string ApiVersion { get; set; } = ApiNames.ApiVersion;

    public string Kind { get; set; } = PolicyNames.Kind;

    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>Rules.</summary>
    [RequiredField]
    public AttentionPolicySpec Spec { get; set; } = new();

    /// <summary>Use against the ceilings; written by the operator.</summary>
    public AttentionPolicyStatus? Status { get; set; }
}
