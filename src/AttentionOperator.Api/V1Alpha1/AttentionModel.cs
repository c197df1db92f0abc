using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Schema;
using k8s;
using k8s.Models;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>A transformer model served on Kubernetes: what to run, its limits, its objectives and how changes roll out.</summary>
[KubernetesEntity(Group = ApiNames.Group, ApiVersion = ApiNames.Version, Kind = ApiNames.Kind, PluralName = ApiNames.Plural)]
[CelRule("size(self.metadata.name) <= 63", "metadata.name must have at most 63 characters, because it becomes a label value; choose a shorter name")]
[PrinterColumn("Task", "string", ".spec.task", "What the model is for")]
[PrinterColumn("Ready", "string", ".status.conditions[?(@.type==\"Ready\")].status", "Whether the model serves")]
[PrinterColumn("Reason", "string", ".status.conditions[?(@.type==\"Ready\")].reason", "Why it does or does not")]
[PrinterColumn("Replicas", "integer", ".spec.replicas", "Desired replicas")]
[PrinterColumn("Available", "integer", ".status.readyReplicas", "Ready replicas of all revisions")]
[PrinterColumn("Revision", "string", ".status.stableRevision", "Revision that serves")]
[PrinterColumn("Canary", "integer", ".status.rollout.weight", "Percent of traffic that the revision in rollout gets")]
[PrinterColumn("Target", "string", ".status.targetRevision", "Revision of the current spec", Priority = 1)]
[PrinterColumn("Model", "string", ".spec.model.uri", "Where the model's files are", Priority = 1)]
[PrinterColumn("Url", "string", ".status.url", "Base URL of the OpenAI API", Priority = 1)]
[PrinterColumn("Age", "date", ".metadata.creationTimestamp", "Time since creation")]
public sealed class AttentionModel : IKubernetesObject<V1ObjectMeta>, ISpec<AttentionModelSpec>, IStatus<AttentionModelStatus?>
{
    public string ApiVersion { get; set; } = ApiNames.ApiVersion;

    public string Kind { get; set; } = ApiNames.Kind;

    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>Desired state.</summary>
    [RequiredField]
    public AttentionModelSpec Spec { get; set; } = new();

    /// <summary>Observed state; written by the operator.</summary>
    public AttentionModelStatus? Status { get; set; }
}
