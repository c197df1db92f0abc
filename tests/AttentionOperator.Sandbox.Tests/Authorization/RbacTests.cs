using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Tests.Api;
using static AttentionOperator.Sandbox.Tests.Api.ApiTestServer;

namespace AttentionOperator.Sandbox.Tests.Authorization;

public sealed class RbacTests : IAsyncLifetime
{
    private const string Rbac = "/apis/rbac.authorization.k8s.io/v1";
    private const string Robot = "system:serviceaccount:default:robot";
    private ApiTestServer _api = null!;
    private string _token = "";

    public async ValueTask InitializeAsync()
    {
        _api = await ApiTestServer.StartAsync(new SandboxApiServerOptions { EnforceRbac = true });
        await _api.CreateAsync("/api/v1/namespaces/default/serviceaccounts", Body("""{"metadata":{"name":"robot"}}"""));
        var (_, request) = await _api.SendAsync("POST", "/api/v1/namespaces/default/serviceaccounts/robot/token", Body("""{"spec":{}}"""));
        _token = Text(request, "status", "token");
    }

    public async ValueTask DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task Without_a_role_everything_is_forbidden_but_discovery_and_questions_about_oneself()
    {
        var (code, status) = await _api.SendAsync("GET", $"{ConfigMaps}/m", token: _token);
        Assert.Equal((403, "Forbidden"), (code, Text(status, "reason")));
        Assert.Equal($"configmaps \"m\" is forbidden: User \"{Robot}\" cannot get resource \"configmaps\" in API group \"\" in the namespace \"default\"", Text(status, "message"));
        (_, status) = await _api.SendAsync("GET", "/apis/apps/v1/deployments", token: _token);
        Assert.Equal($"deployments.apps is forbidden: User \"{Robot}\" cannot list resource \"deployments\" in API group \"apps\" at the cluster scope", Text(status, "message"));
        Assert.Equal(("deployments", "apps"), (Text(status, "details", "kind"), Text(status, "details", "group")));

        Assert.Equal(200, (await _api.SendAsync("GET", "/apis", token: _token)).Code);
        Assert.Equal(200, (await _api.SendAsync("GET", "/openapi/v3", token: _token)).Code);
        Assert.Equal("false", await AllowedAsync("get", "configmaps"));
        var who = await _api.CreateAsync("/apis/authentication.k8s.io/v1/selfsubjectreviews", Body("{}"), _token);
        Assert.Equal(Robot, Text(who, "status", "userInfo", "username"));
    }

    [Theory]
    [InlineData("GET", "", "list")]
    [InlineData("GET", "?watch=true&timeoutSeconds=1", "watch")]
    [InlineData("GET", "/m", "get")]
    [InlineData("POST", "", "create")]
    [InlineData("PUT", "/m", "update")]
    [InlineData("PATCH", "/m", "patch")]
    [InlineData("DELETE", "/m", "delete")]
    [InlineData("DELETE", "", "deletecollection")]
    public async Task A_role_allows_its_verb_and_no_other(string method, string rest, string verb)
    {
        string[] all = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];
        await _api.CreateAsync(ConfigMaps, ConfigMap("m"));
        await GrantAsync("Role", all.Where(v => v != verb));
        Assert.Equal(403, await StatusAsync(method, rest));
        await _api.MergeAsync($"{Rbac}/namespaces/default/roles/r", $$"""{"rules":[{"apiGroups":[""],"resources":["configmaps"],"verbs":["{{verb}}"]}]}""");
        Assert.InRange(await StatusAsync(method, rest), 200, 201);
    }

    [Fact]
    public async Task A_cluster_role_bound_in_a_namespace_holds_there_only()
    {
        await _api.CreateAsync("/api/v1/namespaces", Body("""{"metadata":{"name":"other"}}"""));
        await GrantAsync("ClusterRole", ["list"]);
        Assert.Equal(200, (await _api.SendAsync("GET", ConfigMaps, token: _token)).Code);
        Assert.Equal(403, (await _api.SendAsync("GET", "/api/v1/namespaces/other/configmaps", token: _token)).Code);
        Assert.Equal(403, (await _api.SendAsync("GET", "/api/v1/configmaps", token: _token)).Code);

        await _api.CreateAsync($"{Rbac}/clusterrolebindings", Body("""{"metadata":{"name":"b"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"r"},"subjects":[{"kind":"Group","apiGroup":"rbac.authorization.k8s.io","name":"system:serviceaccounts:default"}]}"""));
        Assert.Equal(200, (await _api.SendAsync("GET", "/api/v1/configmaps", token: _token)).Code);
    }

    [Fact]
    public async Task Names_and_subresources_narrow_a_rule()
    {
        await GrantAsync("Role", ["get"], names: ["mine"], resources: ["configmaps", "pods/status"]);
        await _api.CreateAsync(ConfigMaps, ConfigMap("mine"));
        await _api.CreateAsync(ConfigMaps, ConfigMap("theirs"));
        Assert.Equal(200, (await _api.SendAsync("GET", $"{ConfigMaps}/mine", token: _token)).Code);
        Assert.Equal(403, (await _api.SendAsync("GET", $"{ConfigMaps}/theirs", token: _token)).Code);
        Assert.Equal(404, (await _api.SendAsync("GET", "/api/v1/namespaces/default/pods/mine/status", token: _token)).Code);
        Assert.Equal(403, (await _api.SendAsync("GET", "/api/v1/namespaces/default/pods/mine", token: _token)).Code);
    }

    [Fact]
    public async Task Access_reviews_answer_what_requests_meet()
    {
        await GrantAsync("Role", ["get"]);
        Assert.Equal("true", await AllowedAsync("get", "configmaps"));
        Assert.Equal("false", await AllowedAsync("delete", "configmaps"));
        var other = await _api.CreateAsync("/apis/authorization.k8s.io/v1/subjectaccessreviews", Body($$"""
            {"spec":{"user":"{{Robot}}","resourceAttributes":{"namespace":"default","verb":"get","resource":"configmaps"} } }
            """));
        Assert.Equal("true", Text(other, "status", "allowed"));
        var rules = await _api.CreateAsync("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", Body("""{"spec":{"namespace":"default"}}"""), _token);
        Assert.Equal("get", Text(Assert.Single(rules["status"]!["resourceRules"]!.AsArray())!["verbs"]![0]));
    }

    private async Task<int> StatusAsync(string method, string rest)
    {
        JsonNode? body = method switch { "POST" => ConfigMap("new"), "PUT" => ConfigMap("m", "2"), "PATCH" => Body("""{"data":{"a":"b"}}"""), _ => null };
        return (await _api.SendAsync(method, ConfigMaps + rest, body, method == "PATCH" ? "application/merge-patch+json" : "application/json", _token)).Code;
    }

    private async Task<string> AllowedAsync(string verb, string resource)
    {
        var review = Body($$"""{"spec":{"resourceAttributes":{"namespace":"default","verb":"{{verb}}","resource":"{{resource}}"} } }""");
        return Text(await _api.CreateAsync("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review, _token), "status", "allowed");
    }

    private async Task GrantAsync(string kind, IEnumerable<string> verbs, string[]? names = null, string[]? resources = null)
    {
        var rule = new JsonObject { ["apiGroups"] = Array([""]), ["resources"] = Array(resources ?? ["configmaps"]), ["verbs"] = Array(verbs) };
        if (names is not null) rule["resourceNames"] = Array(names);
        await _api.CreateAsync(kind == "Role" ? $"{Rbac}/namespaces/default/roles" : $"{Rbac}/clusterroles", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "r" }, ["rules"] = new JsonArray(rule) });
        await _api.CreateAsync($"{Rbac}/namespaces/default/rolebindings", Body($$"""
            {"metadata":{"name":"b"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"{{kind}}","name":"r"},"subjects":[{"kind":"ServiceAccount","name":"robot"}]}
            """));
    }

    private static JsonArray Array(IEnumerable<string> values) => [.. values.Select(v => (JsonNode)JsonValue.Create(v))];
}
