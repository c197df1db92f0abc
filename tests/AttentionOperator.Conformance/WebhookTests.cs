using System.Text;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Tests.Api;
using Microsoft.AspNetCore.Http;

namespace AttentionOperator.Conformance;

/// <summary>Admission webhooks by URL, each only for its test's namespace.</summary>
public sealed class WebhookTests(Cluster cluster) : ConformanceTest(cluster)
{
    private const string Group = "/apis/admissionregistration.k8s.io/v1";
    private readonly TestCertificates _certificates = new();

    [Fact]
    public async Task A_mutating_webhook_changes_and_a_validating_one_denies()
    {
        await using var server = await ServeAsync(request => Text(request, "object", "metadata", "name") == "bad"
            ? Json("""{"allowed":false,"status":{"code":422,"reason":"Invalid","message":"not this one"}}""")
            : Json($$"""{"allowed":true,"patchType":"JSONPatch","patch":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes("""[{"op":"add","path":"/data/added","value":"yes"}]"""))}}"}"""));
        await using var registered = await RegisterAsync("Mutating", server.Uri, _ => { });
        var created = await CreateAsync(ConfigMaps, ConfigMap("good"));
        Assert.Equal(("1", "yes"), (Text(created, "data", "key"), Text(created, "data", "added")));
        var (code, status) = await Cluster.SendAsync("POST", ConfigMaps, ConfigMap("bad"));
        Assert.Equal((422, "Invalid", "admission webhook \"hook.conformance.example.com\" denied the request: not this one"), (code, Text(status, "reason"), Text(status, "message")));
    }

    [Theory]
    [InlineData("Fail", 500)]
    [InlineData("Ignore", 201)]
    public async Task A_webhook_that_cannot_be_reached_fails_by_its_policy(string policy, int expected)
    {
        Uri gone;
        await using (var server = await ServeAsync(_ => Json("{}"))) gone = server.Uri;
        await using var registered = await RegisterAsync("Validating", gone, hook => hook["failurePolicy"] = policy);
        var (code, status) = await Cluster.SendAsync("POST", ConfigMaps, ConfigMap("a"));
        Assert.Equal(expected, code);
        if (policy == "Fail") Assert.StartsWith("Internal error occurred: failed calling webhook \"hook.conformance.example.com\": ", Text(status, "message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_the_bundle_does_not_vouch_for_is_not_believed()
    {
        using var strangers = new TestCertificates();
        await using var server = await ServeAsync(_ => Json("""{"allowed":true}"""));
        await using var registered = await RegisterAsync("Validating", server.Uri, hook => hook["clientConfig"]!["caBundle"] = strangers.CaBundle);
        Assert.Equal(500, (await Cluster.SendAsync("POST", ConfigMaps, ConfigMap("a"))).Code);
    }

    [Fact]
    public async Task Match_conditions_narrow_what_is_asked()
    {
        await using var server = await ServeAsync(_ => Json("""{"allowed":false}"""));
        await using var registered = await RegisterAsync("Validating", server.Uri, hook => hook["matchConditions"] = new JsonArray(
            Json("""{"name":"not-exempt","expression":"!has(object.metadata.labels) || !('exempt' in object.metadata.labels)"}"""),
            Json("""{"name":"creates","expression":"request.operation == 'CREATE' && oldObject == null"}""")));
        Assert.Equal(400, (await Cluster.SendAsync("POST", ConfigMaps, ConfigMap("a"))).Code);
        await CreateAsync(ConfigMaps, ConfigMap("b", labels: """{"exempt":"yes"}"""));
        Assert.Equal(200, (await Cluster.SendAsync("PATCH", $"{ConfigMaps}/b", Json("""{"metadata":{"labels":null}}"""), "application/merge-patch+json")).Code);
    }

    [Fact]
    public async Task A_condition_that_cannot_be_compiled_is_refused()
    {
        var (code, status) = await Cluster.SendAsync("POST", $"{Group}/validatingwebhookconfigurations", Configuration("Validating", new Uri("https://127.0.0.1:1"), hook =>
            hook["matchConditions"] = new JsonArray(Json("""{"name":"broken","expression":"object.("}"""))));
        Assert.Equal((422, "Invalid"), (code, Text(status, "reason")));
        Assert.Contains(status!["details"]!["causes"]!.AsArray(), c => Text(c, "field") == "webhooks[0].matchConditions[0].expression" && Text(c, "message").Contains("compilation failed", StringComparison.Ordinal));
    }

    private Task<HttpsEndpoint> ServeAsync(Func<JsonNode, JsonObject> answer)
    {
        if (!Cluster.Client.BaseUri.IsLoopback) Assert.Skip("The API server runs elsewhere and cannot reach a webhook on this machine's loopback address.");
        return HttpsEndpoint.StartAsync(_certificates.ForServer("127.0.0.1"), async context =>
        {
            var request = (await JsonNode.ParseAsync(context.Request.Body))!["request"]!;
            var response = answer(request);
            response["uid"] = request["uid"]!.DeepClone();
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(new JsonObject { ["apiVersion"] = "admission.k8s.io/v1", ["kind"] = "AdmissionReview", ["response"] = response }.ToJsonString());
        });
    }

    private async Task<Registration> RegisterAsync(string kind, Uri server, Action<JsonObject> change)
    {
        var path = $"{Group}/{kind.ToLowerInvariant()}webhookconfigurations";
        await CreateAsync(path, Configuration(kind, server, change));
        var registration = new Registration(Cluster, $"{path}/{Namespace}");
        // A real server learns of its webhooks within about a second and does not say when.
        if (!Cluster.IsSandbox) await Task.Delay(TimeSpan.FromSeconds(3));
        return registration;
    }

    private JsonObject Configuration(string kind, Uri server, Action<JsonObject> change)
    {
        var hook = Json($$$"""
            {"name":"hook.conformance.example.com","admissionReviewVersions":["v1"],"sideEffects":"None","failurePolicy":"Fail",
             "clientConfig":{"url":"{{{server}}}admit","caBundle":"{{{_certificates.CaBundle}}}"},
             "namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"{{{Namespace}}}"} },
             "rules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE","UPDATE"],"resources":["configmaps"]}]}
            """);
        change(hook);
        return new JsonObject { ["apiVersion"] = "admissionregistration.k8s.io/v1", ["kind"] = $"{kind}WebhookConfiguration", ["metadata"] = new JsonObject { ["name"] = Namespace }, ["webhooks"] = new JsonArray(hook) };
    }
}
