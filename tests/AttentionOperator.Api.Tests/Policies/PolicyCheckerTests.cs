using AttentionOperator.Api.Policies;
using AttentionOperator.Api.V1Alpha1;
using k8s;
using k8s.Models;

namespace AttentionOperator.Api.Tests.Policies;

public sealed class PolicyCheckerTests
{
    private static readonly NamedPolicy Platform = Policy("ClusterAttentionPolicy platform", """
        {"allowedSources": ["pvc://models", "s3://approved/"], "requireDigest": true, "allowedRuntimes": ["registry.example.com/serving/*", "attention-runtime:1.*"],
         "caps": {"maxInputTokens": 4096, "maxOutputTokens": 1024, "maxBatchTokens": 8192, "maxReplicas": 4, "maxAcceleratorsPerReplica": 2}}
        """);

    private const string Digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

    [Theory]
    [InlineData("""{"model": {"uri": "pvc://models", "digest": "D"}}""")]
    [InlineData("""{"model": {"uri": "pvc://models/team/a", "digest": "D"}, "replicas": 4, "resources": {"accelerator": {"count": 2}}}""")]
    [InlineData("""{"model": {"uri": "pvc://models/a", "digest": "D"}, "tokenizer": {"uri": "s3://approved/t", "digest": "D"}, "runtime": {"image": "registry.example.com/serving/runtime:2"}}""")]
    [InlineData("""{"model": {"uri": "pvc://models/a", "digest": "D"}, "limits": {"maxInputTokens": 4096, "maxBatchTokens": 8192}, "runtime": {"image": "attention-runtime:1.4"}}""")]
    public void What_keeps_the_rules_passes(string spec) => Assert.Empty(PolicyChecker.Check(Read(spec), [Platform]));

    [Theory]
    [InlineData("""{"model": {"uri": "pvc://models-of-others/a", "digest": "D"}}""", "spec.model.uri", "pvc://models, s3://approved/")]
    [InlineData("""{"model": {"uri": "pvc://models/../a", "digest": "D"}}""", "spec.model.uri", "not allowed")]
    [InlineData("""{"model": {"uri": "pvc://models/a"}}""", "spec.model.digest", "required by ClusterAttentionPolicy platform")]
    [InlineData("""{"model": {"uri": "pvc://models/a", "digest": "D"}, "tokenizer": {"uri": "pvc://models/t"}}""", "spec.tokenizer.digest", "required")]
    [InlineData("""{"model": {"uri": "pvc://models/a", "digest": "D"}, "runtime": {"image": "evil.example.com/registry.example.com/serving/x"}}""", "spec.runtime.image", "evil.example.com")]
    [InlineData("""{"model": {"uri": "pvc://models/a", "digest": "D"}, "runtime": {"image": "attention-runtime:2"}}""", "spec.runtime.image", "allowed: registry")]
    [InlineData("""{"model": {"uri": "pvc://models/a", "digest": "D"}, "limits": {"maxInputTokens": 4097}}""", "spec.limits.maxInputTokens", "4097 exceeds the 4096")]
    [InlineData("""{"model": {"uri": "pvc://models/a", "digest": "D"}, "limits": {"maxBatchTokens": 16384}}""", "spec.limits.maxBatchTokens", "8192")]
    [InlineData("""{"model": {"uri": "pvc://models/a", "digest": "D"}, "replicas": 5}""", "spec.replicas", "4")]
    [InlineData("""{"model": {"uri": "pvc://models/a", "digest": "D"}, "resources": {"accelerator": {"count": 4}}}""", "spec.resources.accelerator.count", "2")]
    public void What_breaks_a_rule_is_named(string spec, string field, string part)
    {
        var error = Assert.Single(PolicyChecker.Check(Read(spec), [Platform]));
        Assert.Equal(field, error.Field);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hf://org/model", "hf://org/model@main", true)]
    [InlineData("hf://org/model", "hf://org/model-of-others", false)]
    [InlineData("oci://registry/models/chat", "oci://registry/models/chat:v7", true)]
    [InlineData("oci://registry", "oci://registry:5000/models/chat", false)]
    [InlineData("https://host", "https://host:8443/x", false)]
    [InlineData("pvc://models", "pvc://models-of-others/x", false)]
    public void A_source_admits_its_revisions_and_not_its_neighbours(string source, string uri, bool admits) => Assert.Equal(
        admits,
        !PolicyChecker.Check(Models.Minimal with { Model = new ModelSource { Uri = uri } }, [Policy("AttentionPolicy a", $$"""{"allowedSources": ["{{source}}"]}""")]).Any(error => error.Field == "spec.model.uri"));

    [Fact]
    public void Every_policy_must_be_kept()
    {
        var own = Policy("AttentionPolicy team", """{"caps": {"maxReplicas": 2}}""");
        var errors = PolicyChecker.Check(Read("""{"model": {"uri": "pvc://other/a", "digest": "D"}, "replicas": 3}"""), [own, Platform]);
        Assert.Equal(["spec.replicas", "spec.model.uri"], errors.Select(error => error.Field));
    }

    [Fact]
    public void An_empty_list_of_sources_allows_none() =>
        Assert.Contains("allowed: none", Assert.Single(PolicyChecker.Check(Models.Minimal, [Policy("AttentionPolicy a", """{"allowedSources": []}""")])).Message, StringComparison.Ordinal);

    [Fact]
    public void Defaults_fill_in_what_is_left_out_and_stay_within_caps()
    {
        var own = Policy("AttentionPolicy team", """{"defaults": {"maxInputTokens": 6000, "slo": {"objectives": [{"name": "errors", "type": "Errors", "target": "99"}]}}}""");
        var spec = PolicyDefaulting.Apply(Read("""{"model": {"uri": "pvc://models/a"}, "limits": {"maxOutputTokens": 7}}"""), [own, Platform]);
        Assert.Equal((4096, 7), (spec.Limits.MaxInputTokens, spec.Limits.MaxOutputTokens));
        Assert.Equal("errors", Assert.Single(spec.Slo!.Objectives).Name);

        var given = Read("""{"model": {"uri": "pvc://models/a"}, "limits": {"maxInputTokens": 9}, "slo": {"objectives": [{"name": "own", "type": "Errors", "target": "90"}]}}""");
        var kept = PolicyDefaulting.Apply(given, [own, Platform]);
        Assert.Equal((9, 1024, "own"), (kept.Limits.MaxInputTokens, kept.Limits.MaxOutputTokens, kept.Slo!.Objectives[0].Name));
        Assert.Equal(given with { Limits = kept.Limits }, kept);

        // An encoder computes an input in one step, so more than that is no use to it.
        Assert.Equal(2048, PolicyDefaulting.Limits(Read("""{"task": "Embed", "model": {"uri": "pvc://models/a"}}"""), [own]).MaxInputTokens);
    }

    [Fact]
    public void Selection_takes_the_namespaces_own_and_those_whose_selector_fits()
    {
        AttentionPolicy Own(string ns, string name) => new() { Metadata = new V1ObjectMeta { NamespaceProperty = ns, Name = name } };
        ClusterAttentionPolicy Cluster(string name, string spec) => new() { Metadata = new V1ObjectMeta { Name = name }, Spec = KubernetesJson.Deserialize<ClusterAttentionPolicySpec>(spec) };
        var clusterPolicies = new[]
        {
            Cluster("b-tier", """{"namespaceSelector": {"matchLabels": {"tier": "gold"}}}"""),
            Cluster("a-all", "{}"),
            Cluster("c-none", """{"namespaceSelector": {"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}}"""),
            Cluster("d-some", """{"namespaceSelector": {"matchExpressions": [{"key": "tier", "operator": "In", "values": ["gold", "silver"]}, {"key": "team", "operator": "Exists"}]}}"""),
        };
        var found = PolicySelection.For("demo", new Dictionary<string, string> { ["tier"] = "gold" }, [Own("demo", "z"), Own("other", "a"), Own("demo", "y")], clusterPolicies);
        Assert.Equal(["AttentionPolicy y", "AttentionPolicy z", "ClusterAttentionPolicy a-all", "ClusterAttentionPolicy b-tier"], found.Select(policy => policy.Source));
        Assert.Equal(["ClusterAttentionPolicy a-all", "ClusterAttentionPolicy c-none"], PolicySelection.For("demo", null, [], clusterPolicies).Select(policy => policy.Source));
    }

    [Fact]
    public void A_policys_price_goes_before_the_specs()
    {
        var prices = Policy("ClusterAttentionPolicy p", """{"prices": [{"name": "nvidia.com/gpu", "perHour": 2}, {"name": "nvidia.com/gpu", "product": "H100", "perHour": "4.5"}]}""");
        Assert.Equal(9m, ModelCost.PerReplicaHour(Read("""{"resources": {"accelerator": {"count": 2, "product": "H100"}}, "cost": {"perReplicaHour": "0.01"}}"""), [prices]));
        Assert.Equal(2m, ModelCost.PerReplicaHour(Read("""{"resources": {"accelerator": {"product": "L4"}}}"""), [prices]));
        Assert.Equal(0.25m, ModelCost.PerReplicaHour(Read("""{"cost": {"perReplicaHour": "0.25"}}"""), [prices]));
        Assert.Null(ModelCost.PerReplicaHour(Models.Minimal, [prices]));
    }

    internal static NamedPolicy Policy(string source, string spec) => new(source, KubernetesJson.Deserialize<AttentionPolicySpec>(spec));

    private static AttentionModelSpec Read(string json) => Models.Spec(json.Replace("\"D\"", $"\"{Digest}\"", StringComparison.Ordinal));
}
