using AttentionOperator.Api.Serialization;
using AttentionOperator.Api.V1Alpha1;
using k8s;
using k8s.Models;

namespace AttentionOperator.Api.Tests.Serialization;

public sealed class RoundTripTests
{
    [Fact]
    public void Model_round_trips_through_the_client_serializer()
    {
        var model = Models.Of(Models.Spec("""
            {"task": "Embed", "model": {"uri": "pvc://m/a"}, "precision": "BFloat16", "resources": {"cpu": 2, "memory": "1Gi"}, "replicas": 2,
             "placement": {"tolerations": [{"key": "gpu", "operator": "Exists"}]}, "rollout": {"steps": [{"weight": 5, "hold": "1m"}]}}
            """));
        model.Status = new AttentionModelStatus
        {
            ObservedGeneration = 3,
            Conditions = [new V1Condition { Type = "Ready", Status = "True", Reason = "Serving", Message = "", LastTransitionTime = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc) }],
            Traffic = [new TrafficTarget { Revision = "abc", Weight = 100 }],
            Rollout = new RolloutStatus { Phase = RolloutPhase.Completed },
        };
        var json = KubernetesJson.Serialize(model);
        var again = KubernetesJson.Serialize(KubernetesJson.Deserialize<AttentionModel>(json));
        Assert.Equal(json, again);
        Assert.Contains("\"task\":\"Embed\"", json, StringComparison.Ordinal);
        Assert.Contains("\"cpu\":\"2\"", json, StringComparison.Ordinal);
        Assert.Contains("\"phase\":\"Completed\"", json, StringComparison.Ordinal);
        Assert.DoesNotContain("null", json, StringComparison.Ordinal);
        Assert.DoesNotContain("tokenizer", json, StringComparison.Ordinal);
    }

    [Fact]
    public void Yaml_is_read_with_the_same_names()
    {
        var model = YamlDocuments.Read<AttentionModel>("""
            apiVersion: attentionoperator.io/v1alpha1
            kind: AttentionModel
            metadata: {name: chat}
            spec:
              task: Seq2Seq
              model: {uri: pvc://models/t5}
              resources: {cpu: 2}
              placement: {nodeSelector: {a: "1"}, tolerations: [{key: gpu, operator: Exists}]}
              slo: {objectives: [{name: errors, type: Errors, target: 99.9}]}
            """);
        Assert.Equal(ModelTask.Seq2Seq, model.Spec.Task);
        Assert.Equal("2", model.Spec.Resources.Cpu);
        Assert.Equal("1", model.Spec.Placement!.NodeSelector!["a"]);
        Assert.Equal("99.9", Assert.Single(model.Spec.Slo!.Objectives).Target);
        Assert.Equal(2048, model.Spec.Limits.MaxBatchTokens);
    }

    [Fact]
    public void Unknown_fields_are_ignored() =>
        Assert.Equal("pvc://m/a", KubernetesJson.Deserialize<AttentionModelSpec>("""{"model": {"uri": "pvc://m/a", "later": 1}, "later": {}}""").Model.Uri);
}
