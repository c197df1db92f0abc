using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Tests.Api;
using static AttentionOperator.Sandbox.Tests.Api.ApiTestServer;

namespace AttentionOperator.Sandbox.Tests.Admission;

public sealed class MutatingWebhookTests
{
    [Fact]
    public async Task A_patch_changes_the_object_and_later_webhooks_see_it()
    {
        await using var api = await ApiTestServer.StartAsync();
        await using var first = await Webhook.StartAsync(_ => Webhook.Patch("""[{"op":"add","path":"/data/first","value":"1"}]"""));
        await using var second = await Webhook.StartAsync(_ => Webhook.Patch("""[{"op":"add","path":"/metadata/labels","value":{"seen":"yes"}}]"""));
        await using var judge = await Webhook.StartAsync(_ => Webhook.Allow());
        await second.MutatingAsync(api, "b");
        await first.MutatingAsync(api, "a");
        await judge.ValidatingAsync(api);

        var created = await api.CreateAsync(ConfigMaps, ConfigMap("m"));

        Assert.Equal("1", Text(created, "data", "first"));
        Assert.Equal("yes", Text(created, "metadata", "labels", "seen"));
        var seen = Assert.Single(second.Requests)["request"]!["object"];
        Assert.Equal("1", Text(seen, "data", "first"));
        Assert.Null(Assert.Single(first.Requests)["request"]!["object"]!["metadata"]!["labels"]);
        Assert.Equal("yes", Text(Assert.Single(judge.Requests), "request", "object", "metadata", "labels", "seen"));
        Assert.Equal("1", Text(await api.GetAsync($"{ConfigMaps}/m"), "data", "first"));
    }

    [Fact]
    public async Task The_review_says_what_is_asked_and_by_whom()
    {
        await using var api = await ApiTestServer.StartAsync();
        await using var hook = await Webhook.StartAsync(_ => Webhook.Allow());
        await hook.MutatingAsync(api);
        await api.CreateAsync($"{ConfigMaps}?dryRun=All", ConfigMap("m"));
        await api.CreateAsync(ConfigMaps, ConfigMap("m"));
        await api.MergeAsync($"{ConfigMaps}/m", """{"data":{"key":"2"}}""");
        await api.SendAsync("DELETE", $"{ConfigMaps}/m");

        var reviews = hook.Requests.ToList();
        Assert.All(reviews, r => Assert.Equal(("AdmissionReview", "admission.k8s.io/v1"), (Text(r, "kind"), Text(r, "apiVersion"))));
        var requests = reviews.Select(r => r["request"]!).ToList();
        Assert.Equal(["CREATE", "CREATE", "UPDATE", "DELETE"], requests.Select(r => Text(r, "operation")));
        Assert.Equal(["true", "false", "false", "false"], requests.Select(r => Text(r, "dryRun")));
        Assert.All(requests, r =>
        {
            Assert.Equal(("", "v1", "ConfigMap"), (Text(r, "kind", "group"), Text(r, "kind", "version"), Text(r, "kind", "kind")));
            Assert.Equal(("", "v1", "configmaps"), (Text(r, "resource", "group"), Text(r, "resource", "version"), Text(r, "resource", "resource")));
            Assert.Equal(("m", "default"), (Text(r, "name"), Text(r, "namespace")));
            Assert.Equal("kubernetes-admin", Text(r, "userInfo", "username"));
        });
        Assert.Equal(4, requests.Select(r => Text(r, "uid")).Distinct().Count());
        Assert.Null(requests[1]["oldObject"]);
        Assert.Equal(("2", "1"), (Text(requests[2], "object", "data", "key"), Text(requests[2], "oldObject", "data", "key")));
        Assert.Null(requests[3]["object"]);
        Assert.Equal("2", Text(requests[3], "oldObject", "data", "key"));
        Assert.Equal(["CreateOptions", "CreateOptions", "UpdateOptions", "DeleteOptions"], requests.Select(r => Text(r, "options", "kind")));
    }

    [Fact]
    public async Task A_webhook_that_asked_for_it_is_called_again_after_later_changes()
    {
        await using var api = await ApiTestServer.StartAsync();
        await using var again = await Webhook.StartAsync(_ => Webhook.Allow());
        await using var once = await Webhook.StartAsync(_ => Webhook.Allow());
        await using var last = await Webhook.StartAsync(_ => Webhook.Patch("""[{"op":"add","path":"/data/late","value":"1"}]"""));
        await again.MutatingAsync(api, "a", h => h["reinvocationPolicy"] = "IfNeeded");
        await once.MutatingAsync(api, "b");
        await last.MutatingAsync(api, "c");

        await api.CreateAsync(ConfigMaps, ConfigMap("m"));

        Assert.Equal(2, again.Requests.Count);
        Assert.Equal("1", Text(again.Requests.Last(), "request", "object", "data", "late"));
        Assert.Single(once.Requests);
        Assert.Single(last.Requests);
    }

    [Fact]
    public async Task What_a_patch_adds_is_pruned_defaulted_and_validated()
    {
        await using var api = await ApiTestServer.StartAsync();
        await using var hook = await Webhook.StartAsync(r => Webhook.Patch(Text(r, "name") == "bad"
            ? """[{"op":"add","path":"/data/key","value":5}]"""
            : """[{"op":"add","path":"/unknown","value":5}]"""));
        await hook.MutatingAsync(api);

        Assert.False((await api.CreateAsync(ConfigMaps, ConfigMap("good"))).ContainsKey("unknown"));
        var (code, _) = await api.SendAsync("POST", ConfigMaps, ConfigMap("bad"));
        Assert.InRange(code, 400, 599);
        Assert.Equal(404, (await api.SendAsync("GET", $"{ConfigMaps}/bad")).Code);
    }

    [Theory]
    [InlineData("""[{"op":"replace","path":"/missing/deep","value":1}]""")]
    [InlineData("""[{"op":"test","path":"/data/key","value":"other"}]""")]
    [InlineData("not json")]
    public async Task A_patch_that_does_not_apply_is_an_internal_error_whatever_the_failure_policy(string operations)
    {
        await using var api = await ApiTestServer.StartAsync();
        await using var hook = await Webhook.StartAsync(_ => Webhook.Patch(operations));
        await hook.MutatingAsync(api, change: h => h["failurePolicy"] = "Ignore");

        var (code, status) = await api.SendAsync("POST", ConfigMaps, ConfigMap("m"));

        Assert.Equal((500, "InternalError"), (code, Text(status, "reason")));
        Assert.Equal(404, (await api.SendAsync("GET", $"{ConfigMaps}/m")).Code);
    }

    [Fact]
    public async Task Server_side_apply_and_status_pass_the_webhooks_of_their_rules()
    {
        await using var api = await ApiTestServer.StartAsync();
        await using var hook = await Webhook.StartAsync(r => Text(r, "subResource") == "status" || Text(r, "operation") == "UPDATE"
            ? Webhook.Allow()
            : Webhook.Patch("""[{"op":"add","path":"/metadata/annotations","value":{"a":"b"}}]"""));
        await hook.MutatingAsync(api, change: h => h["rules"] = JsonNode.Parse("""[{"apiGroups":["apps"],"apiVersions":["*"],"operations":["CREATE","UPDATE"],"resources":["deployments","deployments/status"],"scope":"Namespaced"}]"""));
        var deployment = Body("""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},
             "template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
            """);
        const string Path = "/apis/apps/v1/namespaces/default/deployments/d";

        var (code, applied) = await api.SendAsync("PATCH", $"{Path}?fieldManager=me", deployment, "application/apply-patch+yaml");
        Assert.Equal(201, code);
        Assert.Equal("b", Text(applied, "metadata", "annotations", "a"));
        Assert.Equal(200, (await api.MergeAsync($"{Path}/status", """{"status":{"replicas":1}}""")).Code);
        Assert.Equal(200, (await api.MergeAsync($"{Path}/scale", """{"spec":{"replicas":2}}""")).Code);

        Assert.Equal(["", "status"], hook.Requests.Select(r => Text(r, "request", "subResource")));
    }
}
