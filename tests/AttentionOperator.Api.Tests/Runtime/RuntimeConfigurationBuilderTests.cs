using AttentionOperator.Api.Revisions;
using AttentionOperator.Api.Runtime;
using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Api.Tests.Runtime;

public sealed class RuntimeConfigurationBuilderTests
{
    [Fact]
    public void Configuration_holds_what_the_snapshot_says()
    {
        var spec = Models.Spec("""
            {"task": "Embed", "model": {"uri": "pvc://m/a", "digest": "sha256:00"}, "tokenizer": {"digest": "sha256:11"}, "precision": "Float32",
             "limits": {"maxInputTokens": 128}, "resources": {"cpu": "1500m"}, "runtime": {"drainTimeout": "1500ms"}, "observability": {"vllmMetricAliases": true, "entropySampleRatio": "0.25"}}
            """);
        var built = RuntimeConfigurationBuilder.Build("ns", "e5", "bcdfghjk", RevisionSnapshot.Of(spec, "image"));
        Assert.Equal(("ns", "e5", "bcdfghjk", ModelTask.Embed), (built.Namespace, built.Model, built.Revision, built.Task));
        Assert.Equal(("sha256:00", "sha256:11", Precision.Float32), (built.ModelDigest, built.TokenizerDigest, built.Precision));
        Assert.Equal((128, 2, 2, true, 0.25), (built.Limits.MaxInputTokens!.Value, built.Threads!.Value, built.DrainSeconds, built.VllmMetricAliases, built.EntropySampleRatio));
    }

    [Fact]
    public void Threads_are_left_to_the_runtime_without_a_cpu_quantity() =>
        Assert.Null(RuntimeConfigurationBuilder.Build("ns", "m", "r", RevisionSnapshot.Of(Models.Minimal, "image")).Threads);
}
