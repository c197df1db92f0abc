using System.Text.Json;
using AttentionOperator.Api.Serialization;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Observation;

namespace AttentionOperator.Tests.Reconciliation;

/// <summary>Reads YAML documents as the caches would hold them.</summary>
internal static class ObservedFiles
{
    public static IEnumerable<KubeObject> Read(string yaml) =>
        YamlDocuments.Parse(yaml).Select(document =>
        {
            var (apiVersion, kind) = (document["apiVersion"]!.GetValue<string>(), document["kind"]!.GetValue<string>());
            var resource = kind == "Pod" ? ResourceKinds.Pod : ResourceKinds.Of(apiVersion, kind);
            return new KubeObjectCodec(resource).Decode(JsonSerializer.SerializeToUtf8Bytes(document));
        });
}
