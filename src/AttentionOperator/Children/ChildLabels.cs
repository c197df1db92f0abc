using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using k8s.Models;

namespace AttentionOperator.Children;

/// <summary>Labels and owner references of children.</summary>
internal static class ChildLabels
{
    /// <summary>Selects every object that the operator made, in any namespace.</summary>
    public const string ManagedSelector = LabelNames.AppManagedBy + "=" + LabelNames.Product;

    public static Dictionary<string, string> OfModel(AttentionModel model) => new()
    {
        [LabelNames.AppName] = LabelNames.RuntimeAppName,
        [LabelNames.AppInstance] = model.Metadata.Name,
        [LabelNames.AppComponent] = LabelNames.RuntimeComponent,
        [LabelNames.AppPartOf] = LabelNames.Product,
        [LabelNames.AppManagedBy] = LabelNames.Product,
        [LabelNames.Model] = model.Metadata.Name,
    };

    public static Dictionary<string, string> OfRevision(AttentionModel model, string revision, PodCapacity capacity = PodCapacity.Any)
    {
        var labels = OfModel(model);
        labels[LabelNames.Revision] = revision;
        return WithCapacity(labels, capacity);
    }

    /// <summary>The labels that a Deployment and a Service select by; they can never change on an existing Deployment.</summary>
    public static Dictionary<string, string> Selector(AttentionModel model, string revision, PodCapacity capacity = PodCapacity.Any) => WithCapacity(
        new Dictionary<string, string>
        {
            [LabelNames.Model] = model.Metadata.Name,
            [LabelNames.Revision] = revision,
        },
        capacity);

    private static Dictionary<string, string> WithCapacity(Dictionary<string, string> labels, PodCapacity capacity)
    {
        if (capacity != PodCapacity.Any)
        {
            labels[LabelNames.Capacity] = capacity == PodCapacity.Spot ? LabelNames.SpotCapacity : LabelNames.OnDemandCapacity;
        }

        return labels;
    }

    /// <summary>Selector of all pods of a model, as the scale subresource publishes it.</summary>
    public static string PodSelector(AttentionModel model) => $"{LabelNames.Model}={model.Metadata.Name}";

    public static V1ObjectMeta Metadata(AttentionModel model, string name, Dictionary<string, string> labels) => new()
    {
        Name = name,
        NamespaceProperty = model.Metadata.NamespaceProperty,
        Labels = labels,
        OwnerReferences =
        [
            new V1OwnerReference
            {
                ApiVersion = ApiNames.ApiVersion,
                Kind = ApiNames.Kind,
                Name = model.Metadata.Name,
                Uid = model.Metadata.Uid,
                Controller = true,
                BlockOwnerDeletion = true,
            },
        ],
    };
}
