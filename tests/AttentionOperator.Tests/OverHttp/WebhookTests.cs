using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Api.Serialization;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Observation;
using Microsoft.AspNetCore.Builder;
using System.Runtime.CompilerServices;

namespace AttentionOperator.Tests.OverHttp;

/// <summary>The API server calls the operator over HTTPS, by the manifests and with the certificates that a cluster has.</summary>
public sealed class WebhookTests
{
    private const string Spec = "{model: {uri: 'pvc://models/a'}}";
    private static readonly ResourceKind Namespaces = new("", "v1", "namespaces", "Namespace", false);
    private static readonly ResourceKind Slices = new("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice");
    private static readonly ResourceKind Secrets = new("", "v1", "secrets", "Secret");
    private static readonly ResourceKind Validating = new("admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", false);
    private static readonly ResourceKind Mutating = new("admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", false);
    private static readonly ObjectKey Configuration = ObjectKey.Cluster("attention-operator");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task What_only_the_fleet_shows_is_refused_with_the_field_and_what_is_unwise_is_a_warning()
    {
        await using var cluster = await StartAsync();
        await cluster.CreateModelAsync("chat", "{model: {uri: 'pvc://models/a'}, traffic: {aliases: [gpt]}}");
        await cluster.UntilAsync(() => cluster.Model("chat"));

        var clash = await RefusalAsync(() => cluster.CreateModelAsync("mail", "{model: {uri: 'pvc://models/a'}, traffic: {aliases: [fine, gpt]}}"));
        Assert.Equal("spec.traffic.aliases[1]", Assert.Single(clash.Causes).Field);
        Assert.Contains("admission webhook \"validate.attentionmodels.attentionoperator.io\" denied the request: spec.traffic.aliases[1]: 'gpt' is an alias of AttentionModel default/chat already", clash.Message, StringComparison.Ordinal);

        var taken = await RefusalAsync(() => cluster.CreateModelAsync("gpt", Spec));
        Assert.Equal("metadata.name", Assert.Single(taken.Causes).Field);

        var several = await RefusalAsync(() => cluster.CreateModelAsync("mail", "{model: {uri: 'pvc://models/a'}, rollout: {steps: [{weight: 20}, {weight: 10}]}, runtime: {env: [{name: POD_IP, value: x}]}}"));
        Assert.Equal(["spec.rollout.steps", "spec.runtime.env"], several.Causes.Select(cause => cause.Field).Order());

        var warnings = await cluster.WarningsAsync("new", Spec);
        Assert.Equal("spec.model.uri: PersistentVolumeClaim default/models does not exist; pods wait until it does", Assert.Single(warnings));
    }

    [Fact]
    public async Task Policies_hold_at_admission()
    {
        await using var cluster = await StartAsync(definitions: "attentionpolicies.attentionoperator.io.yaml");
        await cluster.Api.CreateAsync(ResourceKinds.Policy, "default", Json(YamlDocuments.Parse("{apiVersion: attentionoperator.io/v1alpha1, kind: AttentionPolicy, metadata: {name: team}, spec: {allowedSources: ['pvc://approved/'], caps: {maxReplicas: 2}}}")[0]), default);
        await EventuallyAsync(async () =>
        {
            try
            {
                await cluster.CreateModelAsync("elsewhere", "{model: {uri: 'pvc://models/a'}, replicas: 0}");
                await cluster.Api.DeleteAsync(ResourceKinds.Model, new ObjectKey("default", "elsewhere"), null, default);
                return false; // The operator has not seen the policy yet.
            }
            catch (KubeApiException e) when (e.Causes is [{ Field: "spec.model.uri" }])
            {
                return true;
            }
        });
        var warnings = await cluster.WarningsAsync("approved", "{model: {uri: 'pvc://approved/a'}, replicas: 5}");
        Assert.Contains(warnings, warning => warning.StartsWith("spec.replicas: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_mistake_that_is_stored_already_keeps_nobody_from_changing_something_else()
    {
        await using var cluster = await StartAsync(webhooks: false);
        await cluster.CreateModelAsync("old", "{model: {uri: 'pvc://models/a'}, rollout: {steps: [{weight: 20}, {weight: 10}]}}");
        await InstallAsync(cluster);
        await cluster.PatchAsync(ResourceKinds.Model, "old", "spec: {replicas: 3}");
        await RefusalAsync(() => cluster.PatchAsync(ResourceKinds.Model, "old", "spec: {rollout: {steps: [{weight: 20}, {weight: 15}]}}"));
        await cluster.PatchAsync(ResourceKinds.Model, "old", "spec: {rollout: {steps: [{weight: 20}, {weight: 30}]}}");
    }

    [Fact]
    public async Task An_action_without_a_token_gets_one_each_time()
    {
        await using var cluster = await StartAsync();
        await cluster.CreateModelAsync("chat", Spec);
        const string Promote = "metadata: {annotations: {attentionoperator.io/rollout-action: promote}}";
        await cluster.PatchAsync(ResourceKinds.Model, "chat", Promote);
        var first = await ActionAsync(cluster);
        Assert.StartsWith("promote@", first, StringComparison.Ordinal);
        await cluster.PatchAsync(ResourceKinds.Model, "chat", Promote);
        Assert.StartsWith("promote@", await ActionAsync(cluster), StringComparison.Ordinal);
        Assert.NotEqual(first, await ActionAsync(cluster));
    }

    [Fact]
    public async Task Three_hundred_models_at_once_are_all_answered_in_time()
    {
        // As many requests in flight as GitOps controllers and kubectl's client have at the most.
        using var inFlight = new SemaphoreSlim(32);
        await using var cluster = await StartAsync(webhooks: false);
        await InstallAsync(cluster, configuration => configuration["webhooks"]!.AsArray().ToList().ForEach(webhook => webhook!["failurePolicy"] = "Fail"));
        await Task.WhenAll(Enumerable.Range(0, 300).Select(async number =>
        {
            await inFlight.WaitAsync();
            await cluster.CreateModelAsync($"model-{number}", $"{{model: {{uri: 'pvc://models/a'}}, replicas: 0, traffic: {{aliases: [other-{number}]}}}}");
            inFlight.Release();
        }));
        Assert.Equal("spec.traffic.aliases[0]", Assert.Single((await RefusalAsync(() => cluster.CreateModelAsync("late", "{model: {uri: 'pvc://models/a'}, traffic: {aliases: [other-299]}}"))).Causes).Field);
    }

    [Fact]
    public async Task A_dead_operator_keeps_nobody_from_writing()
    {
        await using var cluster = await StartAsync();
        await cluster.StopOperatorsAsync();
        await cluster.CreateModelAsync("chat", "{model: {uri: 'pvc://models/a'}, rollout: {steps: [{weight: 20}, {weight: 10}]}}");
        await cluster.PatchAsync(ResourceKinds.Model, "chat", "spec: {replicas: 2}");
        await cluster.Api.DeleteAsync(ResourceKinds.Model, new ObjectKey("default", "chat"), null, default);
    }

    [Fact]
    public async Task With_failure_policy_fail_only_what_changes_a_models_spec_waits_for_the_operator()
    {
        await using var cluster = await StartAsync();
        await cluster.CreateModelAsync("chat", Spec);
        await cluster.StopOperatorsAsync();
        await cluster.Api.ApplyAsync(Validating, Configuration, "{\"apiVersion\":\"admissionregistration.k8s.io/v1\",\"kind\":\"ValidatingWebhookConfiguration\",\"metadata\":{\"name\":\"attention-operator\"},\"webhooks\":[{\"name\":\"validate.attentionmodels.attentionoperator.io\",\"failurePolicy\":\"Fail\"}]}"u8.ToArray(), "admin", true, null, default);
        await Assert.ThrowsAsync<KubeApiException>(() => cluster.PatchAsync(ResourceKinds.Model, "chat", "spec: {replicas: 2}"));
        await cluster.PatchAsync(ResourceKinds.Model, "chat", "metadata: {labels: {team: a}, finalizers: [example.com/hold]}");
        await cluster.PatchAsync(ResourceKinds.Model, "chat", "spec: {replicas: 5}", "scale");
        await cluster.PatchAsync(ResourceKinds.Model, "chat", "status: {replicas: 1}", "status");
        await cluster.Api.CreateAsync(Secrets, "default", "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"unrelated\"}}"u8.ToArray(), default);
        await cluster.Api.DeleteAsync(ResourceKinds.Model, new ObjectKey("default", "chat"), null, default);
        await cluster.PatchAsync(ResourceKinds.Model, "chat", "metadata: {finalizers: null}");
        await cluster.UntilAsync(() => cluster.Model("chat") is null ? "gone" : null);
    }

    [Fact]
    public async Task The_bundle_is_put_back_and_nothing_else_is_touched()
    {
        await using var cluster = await StartAsync();
        var before = await ReadAsync(cluster, Validating);
        var bundle = BundleOf(before);
        Assert.StartsWith("-----BEGIN CERTIFICATE-----", bundle, StringComparison.Ordinal);

        // Somebody changes fields of his own and takes the bundle away.
        await cluster.Api.MergePatchAsync(Validating, Configuration, "{\"metadata\":{\"labels\":{\"team\":\"platform\"}}}"u8.ToArray(), null, default);
        before["webhooks"]![0]!["clientConfig"]!.AsObject().Remove("caBundle");
        before["webhooks"]![0]!["timeoutSeconds"] = 7;
        before["metadata"]!.AsObject().Remove("resourceVersion");
        await cluster.Api.ReplaceAsync(Validating, Configuration, JsonSerializer.SerializeToUtf8Bytes(before), null, default);
        await EventuallyAsync(async () => BundleOf(await ReadAsync(cluster, Validating)) == bundle);
        Assert.Equal(7, (await ReadAsync(cluster, Validating))["webhooks"]![0]!["timeoutSeconds"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_lost_secret_is_issued_anew_and_the_webhooks_go_on()
    {
        await using var cluster = await StartAsync();
        var secret = new ObjectKey("attention-system", "attention-operator-certificates");
        var bundle = BundleOf(await ReadAsync(cluster, Validating));
        await cluster.Api.DeleteAsync(Secrets, secret, null, default);
        await EventuallyAsync(async () => BundleOf(await ReadAsync(cluster, Validating)) is { Length: > 0 } next && next != bundle);
        await EventuallyAsync(async () =>
        {
            try
            {
                await cluster.CreateModelAsync("mail", "{model: {uri: 'pvc://models/a'}, rollout: {steps: [{weight: 20}, {weight: 10}]}}");
                await cluster.Api.DeleteAsync(ResourceKinds.Model, new ObjectKey("default", "mail"), null, default);
                return false;
            }
            catch (KubeApiException e) when ((int)e.Status == 422)
            {
                return true;
            }
        });
    }

    private static async Task<Cluster> StartAsync(bool webhooks = true, string? definitions = null)
    {
        var cluster = await Cluster.StartAsync();
        if (definitions is not null)
        {
            await cluster.Api.CreateAsync(new ResourceKind("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false), "", Json(await ManifestAsync("crds", definitions)), default);
        }

        await cluster.Api.CreateAsync(Namespaces, "", "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"attention-system\"}}"u8.ToArray(), default);
        var (app, _) = await cluster.StartOperatorAsync(webhooks: true);
        await cluster.Api.CreateAsync(ResourceKinds.Service, "attention-system", Json(await ManifestAsync("config", "manager", "service.yaml")), default);
        var port = new Uri(app.Urls.Single(url => url.StartsWith("https:", StringComparison.Ordinal))).Port;
        var slice = $"{{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {{name: operator, labels: {{kubernetes.io/service-name: attention-operator}}}}, addressType: IPv4, ports: [{{name: https, port: {port}}}], endpoints: [{{addresses: [127.0.0.1], conditions: {{ready: true}}}}]}}";
        await cluster.Api.CreateAsync(Slices, "attention-system", Json(YamlDocuments.Parse(slice)[0]), default);
        if (webhooks)
        {
            await InstallAsync(cluster);
        }

        return cluster;
    }

    /// <summary>Registers the webhooks and waits until the API server trusts them.</summary>
    private static async Task InstallAsync(Cluster cluster, Action<JsonNode>? change = null)
    {
        foreach (var configuration in YamlDocuments.Parse(await File.ReadAllTextAsync(PathOf("config", "webhook", "configurations.yaml"))))
        {
            change?.Invoke(configuration);
            await cluster.Api.CreateAsync(configuration["kind"]!.GetValue<string>() == Validating.Kind ? Validating : Mutating, "", Json(configuration), default);
        }

        await EventuallyAsync(async () => BundleOf(await ReadAsync(cluster, Validating)).Length > 0 && BundleOf(await ReadAsync(cluster, Mutating)).Length > 0);
    }

    private static async Task<string> ActionAsync(Cluster cluster) =>
        JsonNode.Parse((await cluster.Api.GetAsync(ResourceKinds.Model, new ObjectKey("default", "chat"), default))!.Json.Span)!["metadata"]!["annotations"]!["attentionoperator.io/rollout-action"]!.GetValue<string>();

    private static async Task<JsonNode> ReadAsync(Cluster cluster, ResourceKind resource) => JsonNode.Parse((await cluster.Api.GetAsync(resource, Configuration, default))!.Json.Span)!;

    private static string BundleOf(JsonNode configuration) =>
        configuration["webhooks"]![0]!["clientConfig"]!["caBundle"]?.GetValue<string>() is { } encoded ? System.Text.Encoding.ASCII.GetString(Convert.FromBase64String(encoded)) : "";

    private static async Task<KubeApiException> RefusalAsync(Func<Task> write)
    {
        var refusal = await Assert.ThrowsAsync<KubeApiException>(write);
        Assert.Equal(422, (int)refusal.Status);
        return refusal;
    }

    // The keeper looks again every few seconds, which no event tells.
    private static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await holds())
        {
            await Task.Delay(50, patience.Token);
        }
    }

    private static byte[] Json(JsonNode node) => JsonSerializer.SerializeToUtf8Bytes(node);

    private static async Task<JsonNode> ManifestAsync(params string[] path) => YamlDocuments.Parse(await File.ReadAllTextAsync(PathOf(path)))[0];

    private static string PathOf(params string[] path) => Path.Combine([Root(), .. path]);

    private static string Root([CallerFilePath] string file = "") => Path.Combine(Path.GetDirectoryName(file)!, "..", "..", "..");
}
