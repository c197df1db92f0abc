using System.Reflection;
using AttentionOperator.Api.Revisions;
using AttentionOperator.Api.V1Alpha1;
using k8s.Models;

namespace AttentionOperator.Api.Tests.Revisions;

public sealed class RevisionHashTests
{
    private const string Everything = """
        {
          "task": "Embed",
          "model": {"uri": "pvc://models/e5", "digest": "sha256:0000000000000000000000000000000000000000000000000000000000000000", "secretRef": {"name": "s3"}},
          "tokenizer": {"uri": "pvc://tokenizers/e5", "digest": "sha256:1111111111111111111111111111111111111111111111111111111111111111"},
          "precision": "BFloat16",
          "attention": {"kind": "SlidingWindow", "window": 512, "blockSize": 64, "globalTokens": 1},
          "limits": {"maxInputTokens": 512, "maxOutputTokens": 1, "maxBatchTokens": 8192, "onTooLong": "TruncateEnd"},
          "batching": {"maxSequences": 128, "maxDelay": "5ms", "cacheMemory": "1Gi", "maxQueuedRequests": 100, "maxQueuedTokens": 100000},
          "runtime": {"image": "registry/runtime:1", "imagePullPolicy": "Always", "imagePullSecrets": [{"name": "b"}, {"name": "a"}], "env": [{"name": "B", "value": "2"}, {"name": "A"}], "drainTimeout": "1m", "startupTimeout": "20m"},
          "resources": {"cpu": 2, "memory": "8Gi", "accelerator": {"resourceName": "nvidia.com/mig-1g.10gb", "count": 2, "product": "A100", "memory": "40Gi"}},
          "placement": {"nodeSelector": {"b": "2", "a": "1"}, "tolerations": [{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}], "spot": "Allow", "priorityClassName": "high", "runtimeClassName": "nvidia"},
          "observability": {"vllmMetricAliases": true, "entropySampleRatio": "0.01", "otlpEndpoint": "http://otel:4317"},
          "replicas": 3
        }
        """;

    // Hashes of released rules: a change here restarts the pods of every installation.
    [Fact]
    public void Hashes_of_version_1_are_pinned()
    {
        Assert.Equal("xqtvxwbq", RevisionHash.Compute(Models.Minimal, 1));
        Assert.Equal("npqspvgq", RevisionHash.Compute(Models.Spec(Everything), 1));
    }

    [Fact]
    public void Unknown_version_has_no_hash() => Assert.Null(RevisionHash.Compute(Models.Minimal, 99));

    [Theory]
    [InlineData("""{"model": {"uri": "pvc://models/austen-v1"}, "task": "Generate", "precision": "Auto", "limits": {}, "batching": {"maxSequences": 64}}""")]
    [InlineData("""{"model": {"uri": "pvc://models/austen-v1"}, "tokenizer": {}, "attention": {"kind": "Auto"}, "observability": {}, "placement": {"tolerations": []}}""")]
    [InlineData("""{"model": {"uri": "pvc://models/austen-v1"}, "limits": {"maxBatchTokens": 2048, "onTooLong": "Reject"}, "runtime": {"drainTimeout": "0.5m", "env": [], "startupTimeout": "600s"}}""")]
    public void Defaults_given_or_left_out_are_one_revision(string spec) =>
        Assert.Equal(RevisionHash.Compute(Models.Minimal), RevisionHash.Compute(Models.Spec(spec)));

    [Fact]
    public void Order_of_named_items_and_spelling_of_quantities_do_not_matter()
    {
        static string Hash(string rest) => RevisionHash.Compute(Models.Spec("""{"model": {"uri": "pvc://m/a"}, """ + rest + "}"));
        Assert.Equal(Hash("""  "resources": {"cpu": "1500m"} """), Hash("""  "resources": {"cpu": "1.5"} """));
        Assert.Equal(Hash("""  "runtime": {"env": [{"name": "A"}, {"name": "B"}]} """), Hash("""  "runtime": {"env": [{"name": "B"}, {"name": "A"}]} """));
    }

    [Theory]
    [InlineData("""{"replicas": 7}""")]
    [InlineData("""{"scaling": {"maxReplicas": 9}}""")]
    [InlineData("""{"slo": {"objectives": [{"name": "errors", "type": "Errors", "target": "99"}]}}""")]
    [InlineData("""{"rollout": {"strategy": "BlueGreen", "paused": true, "revisionHistoryLimit": 1}}""")]
    [InlineData("""{"traffic": {"aliases": ["gpt"]}, "security": {}, "cost": {"perReplicaHour": "1"}, "owner": {"team": "a"}}""")]
    public void Scaling_rollout_objectives_and_traffic_make_no_revision(string other)
    {
        var spec = Models.Spec(other) with { Model = Models.Minimal.Model };
        Assert.Equal(RevisionHash.Compute(Models.Minimal), RevisionHash.Compute(spec));
    }

    [Fact]
    public void Every_field_of_a_snapshot_changes_the_hash()
    {
        var everything = Latest();
        var whole = RevisionHash.Compute(everything);
        var seen = new HashSet<string> { whole };
        foreach (var (path, changed) in Variations(everything))
        {
            Assert.True(seen.Add(RevisionHash.Compute(changed)), $"{path} does not change the hash");
        }

        // The allow-list of the hash and the snapshot that is rendered must be the same set of fields.
        var kept = typeof(RevisionSnapshot).GetProperties().Select(property => property.Name).Except(["HashVersion", "RenderVersion", "Image"]).Order();
        Assert.Equal(["Attention", "Batching", "Limits", "Model", "Observability", "Placement", "Precision", "Resources", "Runtime", "Task", "Tokenizer"], kept);
    }

    [Fact]
    public void Hash_is_a_valid_part_of_names_and_labels()
    {
        foreach (var (_, spec) in Variations(Latest()))
        {
            Assert.Matches("^[bcdfghjklmnpqrstvwxz2-9]{8}$", RevisionHash.Compute(spec));
        }
    }

    /// <summary>The pinned spec with the fields that came later and are no part of it.</summary>
    private static AttentionModelSpec Latest()
    {
        var spec = Models.Spec(Everything);
        return spec with
        {
            Model = spec.Model with { Cache = new ModelCacheSpec { ClaimName = "models", Size = "100Gi" } },
            Resources = spec.Resources with
            {
                Accelerator = spec.Resources.Accelerator! with
                {
                    MigProfile = "3g.40gb",
                    Sharing = AcceleratorSharing.Mps,
                    Claim = new AcceleratorClaim { DeviceClassName = "gpu.nvidia.com", Selectors = ["device.driver == 'gpu.nvidia.com'"] },
                },
            },
            Placement = spec.Placement! with { Spread = new SpreadSpec { Nodes = SpreadPolicy.Required, Zones = SpreadPolicy.None } },
        };
    }

    /// <summary>The spec with each leaf of the revision's fields set to its default (or removed), one at a time.</summary>
    private static IEnumerable<(string Path, AttentionModelSpec Spec)> Variations(AttentionModelSpec spec)
    {
        foreach (var property in typeof(RevisionSnapshot).GetProperties().Where(property => typeof(AttentionModelSpec).GetProperty(property.Name) is not null))
        {
            var field = typeof(AttentionModelSpec).GetProperty(property.Name)!;
            foreach (var (path, changed) in Leaves(field.GetValue(spec), field, field.Name))
            {
                var copy = spec with { };
                field.SetValue(copy, changed);
                yield return (path, copy);
            }
        }
    }

    private static IEnumerable<(string Path, object? Value)> Leaves(object? value, PropertyInfo field, string path)
    {
        if (value is null || value.GetType().Namespace != typeof(AttentionModel).Namespace || value.GetType().IsEnum)
        {
            var type = Nullable.GetUnderlyingType(field.PropertyType) ?? field.PropertyType;
            var other = type.IsEnum ? Enum.ToObject(type, 0)
                : type == typeof(string) ? (path.EndsWith("Timeout", StringComparison.Ordinal) ? "7s" : "other")
                : type == typeof(int) ? 17
                : type == typeof(bool) ? false
                : type == typeof(V1LocalObjectReference) ? new V1LocalObjectReference { Name = "other" }
                : null;
            yield return (path, Equals(other, value) ? Enum.ToObject(type, 1) : other);
            yield break;
        }

        foreach (var nested in value.GetType().GetProperties().Where(property => property.CanWrite))
        {
            foreach (var (nestedPath, changed) in Leaves(nested.GetValue(value), nested, $"{path}.{nested.Name}"))
            {
                var clone = value.GetType().GetMethod("<Clone>$")!.Invoke(value, null)!;
                nested.SetValue(clone, changed);
                yield return (nestedPath, clone);
            }
        }
    }
}
