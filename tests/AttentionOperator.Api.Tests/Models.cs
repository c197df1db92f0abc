using AttentionOperator.Api.V1Alpha1;
using k8s;
using k8s.Models;

namespace AttentionOperator.Api.Tests;

internal static class Models
{
    public static AttentionModel Of(AttentionModelSpec spec, string name = "chat") =>
        new() { Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default" }, Spec = spec };

    public static AttentionModelSpec Spec(string json) => KubernetesJson.Deserialize<AttentionModelSpec>(json);

    public static AttentionModelSpec Minimal { get; } = new() { Model = new ModelSource { Uri = "pvc://models/austen-v1" } };
}
