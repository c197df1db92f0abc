using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Tests.Api;
using static AttentionOperator.Sandbox.Tests.Api.ApiTestServer;

namespace AttentionOperator.Sandbox.Tests.Patch;

/// <summary>Server-side apply of a custom resource with every kind of list and map.</summary>
public sealed class ApplyTests : IAsyncLifetime
{
    private const string Widgets = "/apis/example.com/v1/namespaces/default/widgets";
    private ApiTestServer _api = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await ApiTestServer.StartAsync();
        await _api.CreateAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Body("""
            {"metadata":{"name":"widgets.example.com"},"spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"widgets","kind":"Widget"},
             "versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{}},"schema":{"openAPIV3Schema":{"type":"object","properties":{
               "status":{"type":"object","properties":{"phase":{"type":"string"},"conditions":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["type"],
                 "items":{"type":"object","required":["type"],"properties":{"type":{"type":"string"},"status":{"type":"string"}}}}}},
               "spec":{"type":"object","properties":{
                 "size":{"type":"integer"},"mode":{"type":"string"},
                 "set":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
                 "atomic":{"type":"array","x-kubernetes-list-type":"atomic","items":{"type":"string"}},
                 "bare":{"type":"array","items":{"type":"string"}},
                 "labels":{"type":"object","additionalProperties":{"type":"string"}},
                 "whole":{"type":"object","x-kubernetes-map-type":"atomic","properties":{"a":{"type":"string"},"b":{"type":"string"}}},
                 "parts":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name","kind"],
                   "items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"kind":{"type":"string","default":"plain"},"value":{"type":"integer"},"note":{"type":"string"}}}}}}}}}}]}}
            """));
    }

    public async ValueTask DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task Items_of_a_list_map_belong_to_those_who_applied_them()
    {
        await AppliedAsync("one", """{"parts":[{"name":"a","value":1},{"name":"b","value":1}]}""");
        await AppliedAsync("two", """{"parts":[{"name":"c","value":2},{"name":"a","kind":"plain","note":"mine too"}]}""");
        Assert.Equal(["a/plain/1/mine too", "b/plain/1/", "c/plain/2/"], Parts(await LiveAsync()).Order(StringComparer.Ordinal));
        // One leaves a: its value goes, the item stays as the other applies it still.
        await AppliedAsync("one", """{"parts":[{"name":"b","value":1}]}""");
        Assert.Equal(["a/plain//mine too", "b/plain/1/", "c/plain/2/"], Parts(await LiveAsync()).Order(StringComparer.Ordinal));
        await AppliedAsync("two", "{}");
        Assert.Equal(["b/plain/1/"], Parts(await LiveAsync()));
    }

    [Fact]
    public async Task Sets_merge_and_shrink_by_value_and_atomic_lists_are_replaced()
    {
        await AppliedAsync("one", """{"set":["a","b"],"atomic":["a","b"],"bare":["a"]}""");
        await AppliedAsync("two", """{"set":["b","c"]}""");
        Assert.Equal(["a", "b", "c"], Items(await LiveAsync(), "set"));
        await AppliedAsync("one", """{"set":["a"],"atomic":["c"],"bare":["b"]}""");
        var live = await LiveAsync();
        Assert.Equal(["a", "b", "c"], Items(live, "set"));
        Assert.Equal(["c"], Items(live, "atomic"));
        Assert.Equal(["b"], Items(live, "bare"));
        await ConflictsAsync("two", """{"set":["b","c"],"atomic":["d"]}""", (".spec.atomic", "one"));
        await AppliedAsync("two", """{"set":["c"]}""");
        Assert.Equal(["a", "c"], Items(await LiveAsync(), "set"));
    }

    [Fact]
    public async Task Maps_merge_by_key_unless_they_are_atomic()
    {
        await AppliedAsync("one", """{"labels":{"a":"1"},"whole":{"a":"1"}}""");
        await AppliedAsync("two", """{"labels":{"b":"2"}}""");
        Assert.Equal("""{"a":"1","b":"2"}""", (await LiveAsync())["spec"]!["labels"]!.ToJsonString());
        await ConflictsAsync("two", """{"labels":{"a":"3","b":"2"},"whole":{"a":"1","b":"2"}}""", (".spec.labels.a", "one"), (".spec.whole", "one"));
        await AppliedAsync("one", """{"labels":{}}""");
        var spec = (await LiveAsync())["spec"]!;
        Assert.Equal("""{"b":"2"}""", spec["labels"]!.ToJsonString());
        Assert.Null(spec["whole"]);
    }

    [Fact]
    public async Task A_conflict_names_the_field_and_force_takes_it_over()
    {
        await AppliedAsync("one", """{"size":1,"mode":"m"}""");
        var status = await ConflictsAsync("two", """{"size":2}""", (".spec.size", "one"));
        Assert.Equal("Apply failed with 1 conflict: conflict with \"one\": .spec.size", Text(status, "message"));
        var (code, forced) = await ApplyAsync("two", """{"size":2}""", "&force=true");
        Assert.Equal(200, code);
        Assert.Equal(("2", "m"), (Text(forced, "spec", "size"), Text(forced, "spec", "mode")));
        Assert.Equal(["one:Apply:.spec.mode", "two:Apply:.spec.size"], Owners(forced!));
        // The loser meets the conflict now, and giving the field up is no loss for the winner.
        await ConflictsAsync("one", """{"size":1,"mode":"m"}""", (".spec.size", "two"));
        await AppliedAsync("one", """{"mode":"m"}""");
        Assert.Equal("2", Text(await LiveAsync(), "spec", "size"));
    }

    [Fact]
    public async Task An_update_takes_fields_over_without_asking_and_apply_then_conflicts_with_it()
    {
        await AppliedAsync("one", """{"size":1,"mode":"m"}""");
        await _api.SendAsync("PATCH", $"{Widgets}/w?fieldManager=editor", Body("""{"spec":{"size":5}}"""), "application/merge-patch+json");
        Assert.Equal(["editor:Update:.spec.size", "one:Apply:.spec.mode"], Owners(await LiveAsync()));
        await ConflictsAsync("one", """{"size":1,"mode":"m"}""", (".spec.size", "editor"));
        // Agreeing with the live value shares the field.
        await AppliedAsync("one", """{"size":5,"mode":"m"}""");
        Assert.Equal(["editor:Update:.spec.size", "one:Apply:.spec.mode", "one:Apply:.spec.size"], Owners(await LiveAsync()));
        // Shared, it outlives one owner.
        await AppliedAsync("one", """{"mode":"m"}""");
        Assert.Equal("5", Text(await LiveAsync(), "spec", "size"));
    }

    [Fact]
    public async Task What_only_its_manager_applied_goes_when_he_leaves_it_out()
    {
        await AppliedAsync("one", """{"size":1,"mode":"m","labels":{"a":"1"},"parts":[{"name":"a"}],"set":["x"]}""");
        await AppliedAsync("one", """{"mode":"m"}""");
        Assert.Equal("""{"mode":"m"}""", (await LiveAsync())["spec"]!.ToJsonString());
        Assert.Equal(["one:Apply:.spec.mode"], Owners(await LiveAsync()));
    }

    [Fact]
    public async Task Status_is_applied_apart_from_the_rest()
    {
        await AppliedAsync("one", """{"size":1}""");
        var status = Body("""{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"size":9},"status":{"phase":"Up","conditions":[{"type":"Ready","status":"True"}]}}""");
        var (code, applied) = await _api.SendAsync("PATCH", $"{Widgets}/w/status?fieldManager=one", status, "application/apply-patch+yaml");
        Assert.Equal(200, code);
        Assert.Equal(("1", "Up"), (Text(applied, "spec", "size"), Text(applied, "status", "phase")));
        var entries = applied!["metadata"]!["managedFields"]!.AsArray();
        Assert.Equal(["", "status"], entries.Select(e => Text(e, "subresource")).Order(StringComparer.Ordinal));
        // Applying the main resource again leaves the status to its own endpoint.
        await AppliedAsync("one", """{"size":2}""");
        Assert.Equal("Up", Text(await LiveAsync(), "status", "phase"));
    }

    [Fact]
    public async Task Wrong_requests_are_refused()
    {
        Assert.Equal(422, (await _api.SendAsync("PATCH", $"{Widgets}/w", Config("{}"), "application/apply-patch+yaml")).Code);
        var managed = Config("{}");
        managed["metadata"]!["managedFields"] = JsonNode.Parse("""[{"manager":"x"}]""");
        Assert.Equal(400, (await _api.SendAsync("PATCH", $"{Widgets}/w?fieldManager=a", managed, "application/apply-patch+yaml")).Code);
        Assert.Equal(404, (await _api.SendAsync("PATCH", $"{Widgets}/w/status?fieldManager=a", Config("{}"), "application/apply-patch+yaml")).Code);
        await AppliedAsync("a", """{"size":1}""");
        var stale = Config("""{"size":2}""");
        stale["metadata"]!["resourceVersion"] = "1";
        Assert.Equal(409, (await _api.SendAsync("PATCH", $"{Widgets}/w?fieldManager=a", stale, "application/apply-patch+yaml")).Code);
        Assert.Equal(415, (await _api.SendAsync("PATCH", $"{Widgets}/w", Config("{}"), "application/strategic-merge-patch+json")).Code);
        Assert.Equal(422, (await _api.SendAsync("PATCH", $"{Widgets}/w?fieldManager=a&force=true", Body("{}"), "application/merge-patch+json")).Code);
    }

    private static JsonObject Config(string spec) =>
        new() { ["apiVersion"] = "example.com/v1", ["kind"] = "Widget", ["metadata"] = new JsonObject { ["name"] = "w" }, ["spec"] = JsonNode.Parse(spec) };

    private Task<(int Code, JsonNode? Body)> ApplyAsync(string manager, string spec, string more = "") =>
        _api.SendAsync("PATCH", $"{Widgets}/w?fieldManager={manager}{more}", Config(spec), "application/apply-patch+yaml");

    private async Task AppliedAsync(string manager, string spec)
    {
        var (code, body) = await ApplyAsync(manager, spec);
        Assert.True(code is 200 or 201, $"{code}: {body?.ToJsonString()}");
    }

    private async Task<JsonNode> ConflictsAsync(string manager, string spec, params (string Field, string With)[] expected)
    {
        var (code, status) = await ApplyAsync(manager, spec);
        Assert.True(code == 409, $"{code}: {status?.ToJsonString()}");
        var causes = status!["details"]!["causes"]!.AsArray();
        Assert.All(causes, c => Assert.Equal("FieldManagerConflict", Text(c, "reason")));
        Assert.Equal(expected.Select(e => e.Field), causes.Select(c => Text(c, "field")).Order(StringComparer.Ordinal));
        Assert.All(expected, e => Assert.Contains(causes, c => Text(c, "field") == e.Field && Text(c, "message").Contains($"\"{e.With}\"", StringComparison.Ordinal)));
        return status;
    }

    private Task<JsonObject> LiveAsync() => _api.GetAsync($"{Widgets}/w");

    private static IEnumerable<string> Parts(JsonObject live) =>
        live["spec"]!["parts"]!.AsArray().Select(p => $"{Text(p, "name")}/{Text(p, "kind")}/{Text(p, "value")}/{Text(p, "note")}");

    private static IEnumerable<string> Items(JsonObject live, string list) => live["spec"]![list]!.AsArray().Select(i => i!.ToString());

    private static IEnumerable<string> Owners(JsonNode live) => live["metadata"]!["managedFields"]!.AsArray()
        .SelectMany(e => Sandbox.Patch.FieldSet.FromJson(e!["fieldsV1"]!.AsObject()).Paths().Select(p => $"{Text(e, "manager")}:{Text(e, "operation")}:{p}")).Order(StringComparer.Ordinal);
}
