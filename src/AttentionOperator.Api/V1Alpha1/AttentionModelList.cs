using AttentionOperator.Api.Naming;
using k8s;
using k8s.Models;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>A list of AttentionModels.</summary>
[KubernetesEntity(Group = ApiNames.Group, ApiVersion = ApiNames.Version, Kind = ApiNames.Kind + "List", PluralName = ApiNames.Plural)]
public sealed class AttentionModelList : IKubernetesObject<V1ListMeta>, IItems<AttentionModel>
{
    public string ApiVersion { get; set; } = ApiNames.ApiVersion;

    public string Kind { get; set; } = ApiNames.Kind + "List";

    public V1ListMeta Metadata { get; set; } = new();

    public IList<AttentionModel> Items { get; set; } = [];
}
