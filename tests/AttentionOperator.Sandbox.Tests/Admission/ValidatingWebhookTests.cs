using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Tests.Api;
using static AttentionOperator.Sandbox.Tests.Api.ApiTestServer;

namespace AttentionOperator.Sandbox.Tests.Admission;

public sealed class ValidatingWebhookTests
{
    [Theory]
    [InlineData("""{"code":403,"reason":"Forbidden","message":"no such luck"}""", 403, "Forbidden", "denied the request: no such luck")]
    [InlineData("""{"code":422,"reason":"Invalid","message":"bad size"}""", 422, "Invalid", "denied the request: bad size")]
    [InlineData("""{"reason":"because"}""", 400, "because", "denied the request: because")]
    [InlineData("""{"code":200,"message":"odd"}""", 400, "", "denied the request: odd")]
    [InlineData(null, 400, "", "denied the request without explanation")]
    public async Task A_denial_is_passed_on_with_its_code_and_reason(string? status, int code, string reason, string message)
    {
        await using var api = await ApiTestServer.StartAsync();
        await using var hook = await Webhook.StartAsync(_ => Webhook.Deny(status));
        await hook.ValidatingAsync(api);

        var (actual, body) = await api.SendAsync("POST", ConfigMaps, ConfigMap("m"));

        Assert.Equal((code, reason), (actual, Text(body, "reason")));
        Assert.Equal($"admission webhook \"validate.example.com\" {message}", Text(body, "message"));
        Assert.Equal(404, (await api.SendAsync("GET", $"{ConfigMaps}/m")).Code);
    }

    [Fact]
    public async Task A_denied_deletion_keeps_the_object_and_a_denied_update_its_state()
    {
        await using var api = await ApiTestServer.StartAsync();
        await api.CreateAsync(ConfigMaps, ConfigMap("m"));
        await using var hook = await Webhook.StartAsync(_ => Webhook.Deny());
        await hook.ValidatingAsync(api);

        Assert.Equal(400, (await api.SendAsync("DELETE", $"{ConfigMaps}/m")).Code);
        Assert.Equal(400, (await api.MergeAsync($"{ConfigMaps}/m", """{"data":{"key":"2"}}""")).Code);
        Assert.Equal(400, (await api.SendAsync("DELETE", ConfigMaps)).Code);
        Assert.Equal("1", Text(await api.GetAsync($"{ConfigMaps}/m"), "data", "key"));
    }

    [Theory]
    [InlineData("object.metadata.name == 'm'", "Fail", 400)]
    [InlineData("object.metadata.name == 'other'", "Fail", 201)]
    [InlineData("has(object.data.key) && request.operation == 'CREATE' && request.userInfo.username != ''", "Fail", 400)]
    [InlineData("object.data.none == 'x'", "Fail", 403)]
    [InlineData("object.data.none == 'x'", "Ignore", 201)]
    public async Task Match_conditions_decide_whether_it_is_asked(string expression, string policy, int code)
    {
        await using var api = await ApiTestServer.StartAsync();
        await using var hook = await Webhook.StartAsync(_ => Webhook.Deny());
        await hook.ValidatingAsync(api, change: registered =>
        {
            registered["failurePolicy"] = policy;
            registered["matchConditions"] = new JsonArray(new JsonObject { ["name"] = "only", ["expression"] = expression });
        });

        Assert.Equal(code, (await api.SendAsync("POST", ConfigMaps, ConfigMap("m"))).Code);
        Assert.Equal(code == 400 ? 1 : 0, hook.Requests.Count);
    }

    [Fact]
    public async Task Warnings_travel_as_headers()
    {
        await using var api = await ApiTestServer.StartAsync();
        await using var hook = await Webhook.StartAsync(_ => new JsonObject { ["allowed"] = true, ["warnings"] = new JsonArray("say \"please\"") });
        await hook.ValidatingAsync(api);

        using var response = await api.OpenAsync("POST", ConfigMaps, ConfigMap("m"));

        Assert.Equal("299 - \"say \\\"please\\\"\"", Assert.Single(response.Headers.GetValues("Warning")));
    }

    [Fact]
    public async Task Selectors_and_rules_decide_who_is_asked()
    {
        await using var api = await ApiTestServer.StartAsync();
        await using var byNamespace = await Webhook.StartAsync(_ => Webhook.Allow());
        await using var byObject = await Webhook.StartAsync(_ => Webhook.Allow());
        await using var updates = await Webhook.StartAsync(_ => Webhook.Allow());
        await using var clusterOnly = await Webhook.StartAsync(_ => Webhook.Allow());
        await byNamespace.ValidatingAsync(api, "ns", h => h["namespaceSelector"] = Body("""{"matchExpressions":[{"key":"watched","operator":"Exists"}]}"""));
        await byObject.ValidatingAsync(api, "object", h => h["objectSelector"] = Body("""{"matchLabels":{"app":"mine"}}"""));
        await updates.ValidatingAsync(api, "updates", h => h["rules"]![0]!["operations"] = new JsonArray("UPDATE"));
        await clusterOnly.ValidatingAsync(api, "cluster", h =>
        {
            h["rules"]![0]!["resources"] = new JsonArray("*");
            h["rules"]![0]!["scope"] = "Cluster";
        });
        await api.CreateAsync("/api/v1/namespaces", Body("""{"metadata":{"name":"other","labels":{"watched":"yes"}}}"""));
        var labelled = ConfigMap("mine");
        labelled["metadata"]!["labels"] = Body("""{"app":"mine"}""");

        await api.CreateAsync(ConfigMaps, labelled);
        await api.CreateAsync("/api/v1/namespaces/other/configmaps", ConfigMap("there"));
        // Losing the label is still the webhook's business: the old object matches.
        await api.MergeAsync($"{ConfigMaps}/mine", """{"metadata":{"labels":null}}""");
        await api.MergeAsync($"{ConfigMaps}/mine", """{"data":{"key":"2"}}""");

        Assert.Equal(["there"], Names(byNamespace));
        Assert.Equal(["mine", "mine"], Names(byObject));
        Assert.Equal(["mine", "mine"], Names(updates));
        Assert.Equal(["other"], Names(clusterOnly));
    }

    [Fact]
    public async Task A_webhook_cannot_keep_anyone_from_removing_it()
    {
        await using var api = await ApiTestServer.StartAsync();
        await using var hook = await Webhook.StartAsync(_ => Webhook.Deny());
        await hook.ValidatingAsync(api, change: h => h["rules"] = JsonNode.Parse("""[{"apiGroups":["*"],"apiVersions":["*"],"operations":["*"],"resources":["*/*"]}]"""));

        Assert.Equal(400, (await api.SendAsync("POST", ConfigMaps, ConfigMap("m"))).Code);
        Assert.Equal(200, (await api.SendAsync("DELETE", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/validate")).Code);
        await api.CreateAsync(ConfigMaps, ConfigMap("m"));
    }

    private static IEnumerable<string> Names(Webhook hook) => hook.Requests.Select(r => Text(r, "request", "name"));
}
