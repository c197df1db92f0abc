using AttentionOperator.Api.Naming;
using k8s;
using k8s.Models;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>A transformer model served on Kubernetes: what to run, its limits, its objectives and how changes roll out.</summary>
public sealed class AttentionModel : IKubernetesObject<V1ObjectMeta>, ISpec<AttentionModelSpec>, IStatus<AttentionModelStatus?>
{
    public string ApiVersion { get; set; } = ApiNames.ApiVersion;

    public string Kind { get; set; } = ApiNames.Kind;

    public V1ObjectMeta Metadata { get; set; } = new();

    public AttentionModelSpec Spec { get; set; } = new();

    public AttentionModelStatus? Status { get; set; }
}
