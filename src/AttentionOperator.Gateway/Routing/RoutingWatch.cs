using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using k8s.Models;

namespace AttentionOperator.Gateway.Routing;

/// <summary>Feeds a routing table from the watched AttentionModels and EndpointSlices.</summary>
internal static class RoutingWatch
{
    private const string ModelIndex = "model";

    public static void Connect(SharedInformer<AttentionModel> models, SharedInformer<V1EndpointSlice> slices, RoutingTableSource table)
    {
        slices.AddIndex(ModelIndex, ModelOf);
        models.AddHandler(e => Rebuild(e.Key));
        slices.AddHandler(e =>
        {
            foreach (var key in ModelOf(e.Object)) Rebuild(ObjectKey.Parse(key));
        });

        void Rebuild(ObjectKey key) => table.Apply(key, () => models.Get(key), () => slices.ByIndex(ModelIndex, key.ToString()));
    }

    private static IEnumerable<string> ModelOf(V1EndpointSlice slice) =>
        slice.Metadata.Labels is { } labels && labels.TryGetValue(LabelNames.Model, out var model) ? [$"{slice.Metadata.NamespaceProperty}/{model}"] : [];
}
