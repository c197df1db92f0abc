using System.Text.Json.Nodes;
using AttentionOperator.Api.Serialization;
using AttentionOperator.Kube.Client;
using AttentionOperator.Observation;
using System.Runtime.CompilerServices;

namespace AttentionOperator.Tests.OverHttp;

public sealed class MalformedModelTests
{
    private const int Wanted = 200;

    /// <summary>Valid, and with something in most fields.</summary>
    private const string Valid = """
        task: Generate
        model: {uri: pvc://models/a, digest: "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
        tokenizer: {uri: pvc://models/a, digest: "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
        precision: BFloat16
        limits: {maxInputTokens: 1000, maxOutputTokens: 100, maxBatchTokens: 2048, onTooLong: Reject}
        batching: {maxSequences: 16, cacheMemory: 1Gi}
        runtime: {image: "registry.example.com/runtime:1", imagePullPolicy: Always, imagePullSecrets: [{name: pull}], env: [{name: A, value: b}], drainTimeout: 30s, startupTimeout: 10m}
        resources: {cpu: "4", memory: 8Gi, accelerator: {resourceName: nvidia.com/gpu, count: 1, product: A100}}
        placement: {nodeSelector: {disk: fast}, tolerations: [{key: gpu, operator: Exists, effect: NoSchedule}], priorityClassName: high, runtimeClassName: nvidia}
        replicas: 2
        slo: {source: Prometheus, window: 720h, objectives: [{name: errors, type: Errors, target: "99"}], prometheus: {url: "http://prometheus"}}
        rollout: {strategy: Canary, steps: [{weight: 5}, {weight: 50}], maxSurge: 1, maxBurnRate: "3", confidence: "0.99", minRequests: 20, onNoTraffic: Hold, progressDeadline: 10m, bake: 5m, revisionHistoryLimit: 5, paused: false}
        traffic: {aliases: [gpt]}
        security: {apiKeysSecretRef: {name: keys}}
        observability: {vllmMetricAliases: true}
        """;

    [Fact]
    public async Task Two_hundred_malformed_models_are_refused_by_field_and_none_reaches_the_planner()
    {
        await using var cluster = await Cluster.StartAsync();
        var (_, calls) = await cluster.StartOperatorAsync();
        var schema = YamlDocuments.Parse(await File.ReadAllTextAsync(CrdPath()))[0]["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!.AsObject();
        var valid = YamlDocuments.Parse(Valid)[0].AsObject();
        var malformed = new MalformedModels(schema, valid).Generate(seed: 20261126);
        Assert.True(malformed.Count >= Wanted, $"the schema gave {malformed.Count} ways to be malformed only");

        List<string> accepted = [], unnamed = [];
        foreach (var (field, what, spec) in malformed)
        {
            try
            {
                await cluster.CreateModelAsync("malformed", spec.ToJsonString());
                accepted.Add($"{field} {what}");
                await cluster.Api.DeleteAsync(ResourceKinds.Model, new("default", "malformed"), null, default);
            }
            catch (KubeApiException e)
            {
                var leaf = field.Split('.')[^1].Split('[')[0];
                if ((int)e.Status is not (400 or 422) || !e.Message.Contains(leaf, StringComparison.Ordinal))
                {
                    unnamed.Add($"{field} {what}: {e.Message}");
                }
            }
        }

        Assert.True(accepted.Count == 0, "accepted: " + string.Join("; ", accepted));
        Assert.True(unnamed.Count == 0, "the message does not name the field: " + string.Join("\n", unnamed));
        await cluster.CreateModelAsync("valid", valid.ToJsonString());
        await cluster.UntilAsync(() => cluster.Names(ResourceKinds.Deployment) is [_, ..] names ? names : null);
        Assert.DoesNotContain(calls.All, call => call.Contains("malformed", StringComparison.Ordinal));
    }

    private static string CrdPath([CallerFilePath] string file = "") =>
        Path.Combine(Path.GetDirectoryName(file)!, "..", "..", "..", "crds", "attentionmodels.attentionoperator.io.yaml");
}
