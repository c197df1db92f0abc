using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Validation;

namespace AttentionOperator.Api.Tests.Validation;

public sealed class AttentionModelValidatorTests
{
    private static readonly ValidationOptions Options = new() { HostPaths = ["/var/lib/models"] };

    [Theory]
    [InlineData("""{"model": {"uri": "pvc://models/austen-v1"}}""")]
    [InlineData("""{"model": {"uri": "pvc://models"}, "replicas": 0}""")]
    [InlineData("""{"model": {"uri": "file:///var/lib/models/a"}, "resources": {"cpu": "500m", "memory": "1Gi", "accelerator": {}}}""")]
    [InlineData("""{"model": {"uri": "pvc://models/a"}, "task": "Embed", "limits": {"maxInputTokens": 512}}""")]
    [InlineData("""{"model": {"uri": "pvc://models/a"}, "resources": {"accelerator": {"migProfile": "3g.40gb", "memory": "39Gi"}}, "placement": {"spot": "Allow", "spread": {"nodes": "Required"}}, "onDemandReplicas": "50%"}""")]
    [InlineData("""{"model": {"uri": "pvc://models/a"}, "resources": {"accelerator": {"count": 2, "claim": {"deviceClassName": "gpu.nvidia.com", "selectors": ["device.driver == 'gpu.nvidia.com'"]}}}}""")]
    [InlineData("""{"model": {"uri": "pvc://models/a"}, "slo": {"objectives": [{"name": "e", "type": "Errors", "target": "99.9"}, {"name": "l", "type": "Latency", "target": 95, "threshold": "2s"}]}}""")]
    [InlineData("""{"model": {"uri": "hf://org/model"}}""")]
    [InlineData("""{"model": {"uri": "hf://org/model-7B@refs/pr/3", "secretRef": {"name": "hub"}, "cache": {"claimName": "models", "size": "200Gi"}}}""")]
    [InlineData("""{"model": {"uri": "https://files.example.com:8443/models/chat/"}, "tokenizer": {"uri": "s3://bucket"}}""")]
    [InlineData("""{"model": {"uri": "s3://weights.example/chat/v7"}}""")]
    [InlineData("""{"model": {"uri": "oci://registry.example.com:5000/models/chat:v7@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}}""")]
    [InlineData("""{"model": {"uri": "pvc://m/a", "secretRef": {"name": "s"}}, "tokenizer": {"uri": "hf://org/tokenizer"}}""")]
    public void Valid_models_pass(string spec) => Assert.Empty(AttentionModelValidator.Validate(Models.Of(Models.Spec(spec)), Options));

    [Theory]
    [InlineData("""{}""", "spec.model.uri", "required")]
    [InlineData("""{"model": {"uri": "gs://bucket/model"}}""", "spec.model.uri", "pvc://<claim>/<path>")]
    [InlineData("""{"model": {"uri": "hf://model"}}""", "spec.model.uri", "hf://<organisation>/<model>@<revision>")]
    [InlineData("""{"model": {"uri": "https://user:word@host/model"}}""", "spec.model.uri", "https://<host>/<path>")]
    [InlineData("""{"model": {"uri": "http://host/model"}}""", "spec.model.uri", "https://<host>/<path>")]
    [InlineData("""{"model": {"uri": "https://host/model?token=x"}}""", "spec.model.uri", "https://<host>/<path>")]
    [InlineData("""{"model": {"uri": "oci://Registry/Model Name"}}""", "spec.model.uri", "oci://<image>")]
    [InlineData("""{"model": {"uri": "s3://Bucket/x"}}""", "spec.model.uri", "s3://<bucket>/<prefix>")]
    [InlineData("""{"model": {"uri": "hf://org/../model"}}""", "spec.model.uri", "")]
    [InlineData("""{"model": {"uri": "pvc://m/a", "secretRef": {"name": "s"}}}""", "spec.model.secretRef", "fetched")]
    [InlineData("""{"model": {"uri": "oci://r/m:1", "cache": {"size": "1Gi"}}}""", "spec.model.cache", "fetched")]
    [InlineData("""{"model": {"uri": "hf://o/m"}, "runtime": {"env": [{"name": "HF_TOKEN", "value": "x"}]}}""", "spec.runtime.env", "model.secretRef")]
    [InlineData("""{"model": {"uri": "hf://o/m", "cache": {"size": "0"}}}""", "spec.model.cache.size", "not positive")]
    [InlineData("""{"model": {"uri": "pvc://models/../secrets"}}""", "spec.model.uri", "segments")]
    [InlineData("""{"model": {"uri": "file:///etc"}}""", "spec.model.uri", "--allow-host-path")]
    [InlineData("""{"model": {"uri": "file:///var/lib/models-other"}}""", "spec.model.uri", "does not allow")]
    [InlineData("""{"model": {"uri": "pvc://m/a", "digest": "sha256:12"}}""", "spec.model.digest", "sha256:12")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "tokenizer": {"uri": "pvc:///a"}}""", "spec.tokenizer.uri", "pvc://<claim>")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "replicas": -1}""", "spec.replicas", "-1")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "task": "Embed", "limits": {"maxInputTokens": 4096}}""", "spec.limits.maxInputTokens", "maxBatchTokens 2048")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "limits": {"maxBatchTokens": 1}}""", "spec.limits.maxBatchTokens", "at least 16")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "resources": {"cpu": "two"}}""", "spec.resources.cpu", "quantity")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "resources": {"memory": "0"}}""", "spec.resources.memory", "not positive")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "resources": {"memory": "1Gi"}, "batching": {"cacheMemory": "2Gi"}}""", "spec.batching.cacheMemory", "leaves nothing")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "resources": {"accelerator": {"count": 2, "memory": "40Gi"}}, "batching": {"cacheMemory": "80Gi"}}""", "spec.batching.cacheMemory", "2 × 40Gi")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "resources": {"accelerator": {"migProfile": "1g.10gb"}}, "batching": {"cacheMemory": "10Gi"}}""", "spec.batching.cacheMemory", "1 × 1g.10gb")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "runtime": {"env": [{"name": "POD_IP", "value": "1.2.3.4"}]}}""", "spec.runtime.env", "POD_IP")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "runtime": {"env": [{"name": "A"}, {"name": "A"}]}}""", "spec.runtime.env[1]", "twice")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "runtime": {"drainTimeout": "5"}}""", "spec.runtime.drainTimeout", "duration")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "runtime": {"image": "a b"}}""", "spec.runtime.image", "white space")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "placement": {"nodeSelector": {"a b": "c"}}}""", "spec.placement.nodeSelector", "label")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "placement": {"tolerations": [{"operator": "Exists", "value": "x"}]}}""", "spec.placement.tolerations", "Exists")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "rollout": {"steps": [{"weight": 25}, {"weight": 5}]}}""", "spec.rollout.steps", "rise")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "rollout": {"confidence": "1"}}""", "spec.rollout.confidence", "below 1")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "rollout": {"evaluation": {"bound": "1"}}}""", "spec.rollout.evaluation", "exactly one")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "rollout": {"evaluation": {"bound": "1", "uri": "pvc://g/a", "configMapRef": {"name": "g"}}}}""", "spec.rollout.evaluation", "has 2 of")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "rollout": {"evaluation": {"bound": "1", "uri": "pvc://g/../a"}}}""", "spec.rollout.evaluation.uri", "segments")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "rollout": {"evaluation": {"bound": "1.5", "uri": "pvc://g/a"}}}""", "spec.rollout.evaluation.bound", "between 0 and 1")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "rollout": {"evaluation": {"bound": "0.5", "metric": "Perplexity", "uri": "pvc://g/a"}}}""", "spec.rollout.evaluation.bound", "at least 1")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "rollout": {"evaluation": {"bound": "0.9", "metric": "Cosine", "uri": "pvc://g/a"}}}""", "spec.rollout.evaluation.metric", "does not suit the task Generate")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "task": "Embed", "limits": {"maxInputTokens": 512}, "rollout": {"strategy": "Recreate", "evaluation": {"bound": "0.9", "metric": "Cosine", "uri": "pvc://g/a"}}}""", "spec.rollout.evaluation.metric", "Recreate")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "rollout": {"evaluation": {"bound": "1", "cases": [{"prompt": "a"}]}}}""", "spec.rollout.evaluation.cases[0].expected", "required")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "rollout": {"evaluation": {"bound": "1", "uri": "pvc://g/a", "timeout": "0"}}}""", "spec.rollout.evaluation.timeout", "at least 1s")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "rollout": {"progressDeadline": "0"}}""", "spec.rollout.progressDeadline", "at least 1s")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "slo": {"objectives": []}}""", "spec.slo.objectives", "required")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "slo": {"objectives": [{"name": "l", "type": "Latency", "target": "95"}]}}""", "spec.slo.objectives[l].threshold", "required")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "slo": {"objectives": [{"name": "l", "type": "Errors", "target": "100"}]}}""", "spec.slo.objectives[l].target", "error budget")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "precision": "Float16"}""", "spec.precision", "accelerator")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "limits": null}""", "spec", "null")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "resources": {"accelerator": {"resourceName": "amd.com/gpu", "migProfile": "1g.10gb"}}}""", "spec.resources.accelerator.migProfile", "amd.com/gpu")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "resources": {"accelerator": {"migProfile": "10gb"}}}""", "spec.resources.accelerator.migProfile", "10gb")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "resources": {"accelerator": {"product": "A100", "claim": {"deviceClassName": "gpu.nvidia.com"}}}}""", "spec.resources.accelerator.claim", "remove")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "resources": {"accelerator": {"sharing": "Mps", "count": 2}}}""", "spec.resources.accelerator.count", "set it to 1")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "resources": {"accelerator": {"sharing": "TimeSlicing"}}}""", "spec.batching.cacheMemory", "time slices")]
    [InlineData("""{"model": {"uri": "pvc://m/a"}, "onDemandReplicas": "half"}""", "spec.onDemandReplicas", "percentage")]
    public void Errors_name_the_field_and_the_value(string spec, string field, string part)
    {
        var error = Assert.Single(AttentionModelValidator.Validate(Models.Of(Models.Spec(spec)), Options));
        Assert.Equal(field, error.Field);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_beyond_a_label_value_are_refused()
    {
        var error = Assert.Single(AttentionModelValidator.Validate(Models.Of(Models.Minimal, new string('a', 64)), Options));
        Assert.Equal("metadata.name", error.Field);
    }
}
