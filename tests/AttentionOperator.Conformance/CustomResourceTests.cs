using System.Text.Json.Nodes;

namespace AttentionOperator.Conformance;

public sealed class CustomResourceTests(Cluster cluster) : ConformanceTest(cluster)
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    private string Widgets => $"/apis/{Namespace}.example.com/v1/namespaces/{Namespace}/widgets";

    [Fact]
    public async Task A_definition_defaults_prunes_validates_and_scales()
    {
        await DefineAsync();
        try
        {
            var created = await CreateAsync(Widgets, Widget("a", """{"size":3,"unknown":1}"""));
            Assert.Equal("A", Text(created, "spec", "mode"));
            Assert.Null(created["spec"]!["unknown"]);
            Assert.Equal("1", Text(created, "metadata", "generation"));

            var (code, status) = await Cluster.SendAsync("POST", Widgets, Widget("b", """{"size":0,"mode":"C","name":"UPPER"}"""));
            Assert.Equal(422, code);
            var causes = status!["details"]!["causes"]!.AsArray().ToDictionary(c => Text(c, "field"), c => (Reason: Text(c, "reason"), Message: Text(c, "message")));
            Assert.Equal(("FieldValueInvalid", "Invalid value: 0: spec.size in body should be greater than or equal to 1"), causes["spec.size"]);
            Assert.Equal(("FieldValueNotSupported", "Unsupported value: \"C\": supported values: \"A\", \"B\""), causes["spec.mode"]);
            Assert.Equal(("FieldValueInvalid", "Invalid value: \"UPPER\": spec.name in body should match '^[a-z]+$'"), causes["spec.name"]);

            await RefusesAsync(Widget("c", "{}"), "spec.size", "Required value");
            await RefusesAsync(Widget("c", """{"size":"big"}"""), "spec.size", "must be of type integer");
            await RefusesAsync(Widget("c", """{"size":2,"min":5}"""), "spec", "min must not exceed size");
            await RefusesAsync(Widget("c", """{"size":2,"parts":[{"name":"x"},{"name":"x"}]}"""), "spec.parts[1]", "Duplicate value");

            (code, status) = await Cluster.SendAsync("PATCH", $"{Widgets}/a", Json("""{"spec":{"mode":"B"}}"""), "application/merge-patch+json");
            Assert.Equal(422, code);
            Assert.Contains("mode is immutable", Text(status, "message"), StringComparison.Ordinal);

            (code, _) = await Cluster.SendAsync("PATCH", $"{Widgets}/a/status", Json("""{"spec":{"size":9},"status":{"replicas":2}}"""), "application/merge-patch+json");
            Assert.Equal(200, code);
            var live = await GetAsync($"{Widgets}/a");
            Assert.Equal("3", Text(live, "spec", "size"));
            Assert.Equal("2", Text(live, "status", "replicas"));
            Assert.Equal("1", Text(live, "metadata", "generation"));

            var (_, scale) = await Cluster.SendAsync("PATCH", $"{Widgets}/a/scale", Json("""{"spec":{"replicas":4}}"""), "application/merge-patch+json");
            Assert.Equal("4", Text(scale, "spec", "replicas"));
            Assert.Equal("2", Text(scale, "status", "replicas"));

            var update = Widget("a", """{"size":3}""");
            (code, status) = await Cluster.SendAsync("PUT", $"{Widgets}/a", update);
            Assert.Equal(422, code);
            Assert.Contains("metadata.resourceVersion: Invalid value", Text(status, "message"), StringComparison.Ordinal);
            Assert.Contains("must be specified for an update", Text(status, "message"), StringComparison.Ordinal);

            var (_, table) = await Cluster.SendAsync("GET", Widgets, accept: "application/json;as=Table;v=v1;g=meta.k8s.io");
            Assert.Equal(["Name", "Size"], table!["columnDefinitions"]!.AsArray().Select(c => Text(c, "name")));
            Assert.Equal("3", table["rows"]![0]!["cells"]![1]!.ToString());
        }
        finally
        {
            await Cluster.SendAsync("DELETE", $"{Definitions}/widgets.{Namespace}.example.com");
        }
    }

    [Fact]
    public async Task Deleting_a_definition_deletes_its_objects()
    {
        await DefineAsync();
        await CreateAsync(Widgets, Widget("a", """{"size":3}"""));
        await Cluster.SendAsync("DELETE", $"{Definitions}/widgets.{Namespace}.example.com");
        await UntilGoneAsync(Definitions, $"widgets.{Namespace}.example.com");
        // The path may be served for a moment longer.
        using var patience = new CancellationTokenSource(Patience);
        while ((await Cluster.SendAsync("GET", Widgets)).Code != 404) await Task.Delay(100, patience.Token);
    }

    private async Task RefusesAsync(JsonObject widget, string field, string message)
    {
        var (code, status) = await Cluster.SendAsync("POST", Widgets, widget);
        Assert.True(code == 422, $"{code}: {status?.ToJsonString()}");
        Assert.Contains(status!["details"]!["causes"]!.AsArray(), c => Text(c, "field") == field && Text(c, "message").Contains(message, StringComparison.Ordinal));
    }

    private JsonObject Widget(string name, string spec) => new()
    {
        ["apiVersion"] = $"{Namespace}.example.com/v1",
        ["kind"] = "Widget",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = JsonNode.Parse(spec),
    };

    private async Task DefineAsync()
    {
        var definition = Json("""
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{},
             "spec":{"scope":"Namespaced","names":{"plural":"widgets","kind":"Widget"},
              "versions":[{"name":"v1","served":true,"storage":true,
               "subresources":{"status":{},"scale":{"specReplicasPath":".spec.replicas","statusReplicasPath":".status.replicas"}},
               "additionalPrinterColumns":[{"name":"Size","type":"integer","jsonPath":".spec.size"}],
               "schema":{"openAPIV3Schema":{"type":"object","properties":{
                 "spec":{"type":"object","required":["size"],"properties":{
                   "size":{"type":"integer","minimum":1},"min":{"type":"integer"},"replicas":{"type":"integer"},
                   "mode":{"type":"string","enum":["A","B"],"default":"A"},"name":{"type":"string","pattern":"^[a-z]+$"},
                   "parts":{"type":"array","maxItems":10,"x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],
                     "items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"}}}}},
                   "x-kubernetes-validations":[{"rule":"!has(self.min) || self.min <= self.size","message":"min must not exceed size"},
                                               {"rule":"self.mode == oldSelf.mode","message":"mode is immutable"}]},
                 "status":{"type":"object","properties":{"replicas":{"type":"integer"}}}}}}}]}}
            """);
        definition["metadata"]!["name"] = $"widgets.{Namespace}.example.com";
        definition["spec"]!["group"] = $"{Namespace}.example.com";
        await CreateAsync(Definitions, definition);
        await UntilAsync(Definitions, $"widgets.{Namespace}.example.com", d =>
            d["status"]?["conditions"]?.AsArray().Any(c => Text(c, "type") == "Established" && Text(c, "status") == "True") == true);
        // A server of several replicas may take a moment longer to serve the new path.
        using var patience = new CancellationTokenSource(Patience);
        while ((await Cluster.SendAsync("GET", Widgets)).Code == 404) await Task.Delay(100, patience.Token);
    }
}
