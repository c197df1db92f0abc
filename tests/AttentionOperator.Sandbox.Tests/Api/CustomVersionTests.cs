using System.Text.Json.Nodes;
using static AttentionOperator.Sandbox.Tests.Api.ApiTestServer;

namespace AttentionOperator.Sandbox.Tests.Api;

/// <summary>A CustomResourceDefinition with several versions, without conversion.</summary>
public sealed class CustomVersionTests : IAsyncLifetime
{
    private const string Definition = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com";
    private ApiTestServer _api = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await ApiTestServer.StartAsync();
        await _api.CreateAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Body("""
            {"metadata":{"name":"widgets.example.com"},"spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"widgets","kind":"Widget","shortNames":["w"]},
             "versions":[
               {"name":"v1","served":true,"storage":true,"selectableFields":[{"jsonPath":".spec.color"}],"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{"size":{"type":"integer"},"color":{"type":"string"}}}}}}},
               {"name":"v1alpha1","served":true,"storage":false,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{"size":{"type":"integer"}}}}}}},
               {"name":"v0","served":false,"storage":false,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}
            """));
    }

    public async ValueTask DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task An_object_is_the_same_in_every_served_version()
    {
        var created = await _api.CreateAsync(Path("v1alpha1"), Widget("v1alpha1", "a", """{"size":1}"""));
        Assert.Equal("example.com/v1alpha1", Text(created, "apiVersion"));
        var other = await _api.GetAsync($"{Path("v1")}/a");
        Assert.Equal(("example.com/v1", "1"), (Text(other, "apiVersion"), Text(other, "spec", "size")));
        Assert.Equal(Text(created, "metadata", "uid"), Text(other, "metadata", "uid"));
        Assert.Equal(200, (await _api.MergeAsync($"{Path("v1")}/a", """{"spec":{"size":2}}""")).Code);
        Assert.Equal("2", Text(await _api.GetAsync($"{Path("v1alpha1")}/a"), "spec", "size"));
        Assert.All((await _api.GetAsync(Path("v1alpha1")))["items"]!.AsArray(), i => Assert.Equal("example.com/v1alpha1", Text(i, "apiVersion")));
        Assert.Equal(404, (await _api.SendAsync("GET", Path("v0"))).Code);
        Assert.Equal(400, (await _api.SendAsync("POST", Path("v1"), Widget("v1alpha1", "b", "{}"))).Code);
    }

    [Fact]
    public async Task A_watch_of_one_version_sees_writes_of_another_in_its_own_form()
    {
        using var watch = await _api.OpenAsync("GET", $"{Path("v1alpha1")}?watch=true");
        using var reader = new StreamReader(await watch.Content.ReadAsStreamAsync());
        await _api.CreateAsync(Path("v1"), Widget("v1", "a", """{"size":1}"""));
        var change = JsonNode.Parse((await reader.ReadLineAsync().WaitAsync(Patience))!);
        Assert.Equal(("ADDED", "example.com/v1alpha1", "a"), (Text(change, "type"), Text(change, "object", "apiVersion"), Text(change, "object", "metadata", "name")));
    }

    [Fact]
    public async Task Selectable_fields_select()
    {
        await _api.CreateAsync(Path("v1"), Widget("v1", "a", """{"color":"red"}"""));
        await _api.CreateAsync(Path("v1"), Widget("v1", "b", """{"color":"blue"}"""));
        var red = await _api.GetAsync($"{Path("v1")}?fieldSelector=spec.color%3Dred");
        Assert.Equal("a", Text(Assert.Single(red["items"]!.AsArray()), "metadata", "name"));
        Assert.Equal(400, (await _api.SendAsync("GET", $"{Path("v1")}?fieldSelector=spec.size%3D1")).Code);
    }

    [Fact]
    public async Task A_changed_definition_serves_and_validates_anew()
    {
        await _api.CreateAsync(Path("v1"), Widget("v1", "a", """{"size":1}"""));
        var (code, definition) = await _api.SendAsync("PATCH", Definition, JsonNode.Parse("""
            [{"op":"replace","path":"/spec/versions/2/served","value":true},
             {"op":"add","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/size/maximum","value":5}]
            """), "application/json-patch+json");
        Assert.True(code == 200, definition?.ToJsonString());
        Assert.Equal(200, (await _api.SendAsync("GET", Path("v0"))).Code);
        Assert.Equal(422, (await _api.SendAsync("POST", Path("v1"), Widget("v1", "b", """{"size":6}"""))).Code);
        var resources = await _api.GetAsync("/apis/example.com/v1");
        Assert.Contains(resources["resources"]!.AsArray(), r => Text(r, "name") == "widgets" && Text(r, "shortNames") == new JsonArray("w").ToString());
        Assert.Equal("example.com/v1", Text(await _api.GetAsync("/apis/example.com"), "preferredVersion", "groupVersion"));
    }

    private static string Path(string version) => $"/apis/example.com/{version}/namespaces/default/widgets";

    private static JsonObject Widget(string version, string name, string spec) =>
        new() { ["apiVersion"] = $"example.com/{version}", ["kind"] = "Widget", ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = JsonNode.Parse(spec) };
}
