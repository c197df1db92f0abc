using System.Text.Json.Nodes;

namespace AttentionOperator.Conformance;

public sealed class ObjectTests(Cluster cluster) : ConformanceTest(cluster)
{
    [Fact]
    public async Task A_created_object_has_identity_and_version()
    {
        var created = await CreateAsync(ConfigMaps, ConfigMap("a"));
        Assert.NotEmpty(Text(created, "metadata", "uid"));
        Assert.NotEmpty(Text(created, "metadata", "resourceVersion"));
        Assert.EndsWith("Z", Text(created, "metadata", "creationTimestamp"), StringComparison.Ordinal);
        Assert.Equal(Namespace, Text(created, "metadata", "namespace"));
    }

    [Fact]
    public async Task Creating_a_taken_name_conflicts()
    {
        await CreateAsync(ConfigMaps, ConfigMap("a"));
        var (code, status) = await Cluster.SendAsync("POST", ConfigMaps, ConfigMap("a"));
        Assert.Equal(409, code);
        Assert.Equal("AlreadyExists", Text(status, "reason"));
        Assert.Equal("configmaps \"a\" already exists", Text(status, "message"));
    }

    [Fact]
    public async Task A_missing_object_is_named_in_the_status()
    {
        var (code, status) = await Cluster.SendAsync("GET", $"{Deployments}/none");
        Assert.Equal(404, code);
        Assert.Equal("deployments.apps \"none\" not found", Text(status, "message"));
        Assert.Equal("deployments", Text(status, "details", "kind"));
        Assert.Equal("apps", Text(status, "details", "group"));
    }

    [Fact]
    public async Task An_update_of_an_old_version_conflicts()
    {
        var first = await CreateAsync(ConfigMaps, ConfigMap("a"));
        var changed = first.DeepClone();
        changed["data"]!["key"] = "2";
        Assert.Equal(200, (await Cluster.SendAsync("PUT", $"{ConfigMaps}/a", changed)).Code);
        first["data"]!["key"] = "3";
        var (code, status) = await Cluster.SendAsync("PUT", $"{ConfigMaps}/a", first);
        Assert.Equal(409, code);
        Assert.Equal("Conflict", Text(status, "reason"));
        Assert.Contains("the object has been modified", Text(status, "message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_update_without_change_keeps_the_version()
    {
        var created = await CreateAsync(ConfigMaps, ConfigMap("a"));
        var (code, same) = await Cluster.SendAsync("PUT", $"{ConfigMaps}/a?fieldManager=conformance", created.DeepClone());
        Assert.Equal(200, code);
        Assert.Equal(Text(created, "metadata", "resourceVersion"), Text(same, "metadata", "resourceVersion"));
    }

    [Theory]
    [InlineData("labelSelector=tier%3Dweb", "a,b")]
    [InlineData("labelSelector=tier+in+(web,db),size!%3Dbig", "a,c")]
    [InlineData("labelSelector=!size", "a,c")]
    [InlineData("labelSelector=size", "b")]
    [InlineData("labelSelector=tier+notin+(web),tier", "c")]
    [InlineData("fieldSelector=metadata.name%3Db", "b")]
    [InlineData("labelSelector=tier&fieldSelector=metadata.name!%3Db", "a,c")]
    public async Task Selectors_choose_objects(string query, string expected)
    {
        await CreateAsync(ConfigMaps, ConfigMap("a", labels: """{"tier":"web"}"""));
        await CreateAsync(ConfigMaps, ConfigMap("b", labels: """{"tier":"web","size":"big"}"""));
        await CreateAsync(ConfigMaps, ConfigMap("c", labels: """{"tier":"db"}"""));
        var list = await GetAsync($"{ConfigMaps}?{query}");
        var names = list["items"]!.AsArray().Select(i => Text(i, "metadata", "name")).Where(n => n.Length == 1); // Controllers may put ConfigMaps of their own into each namespace.
        Assert.Equal(expected, string.Join(',', names));
    }

    [Fact]
    public async Task Unknown_field_selectors_are_refused()
    {
        var (code, status) = await Cluster.SendAsync("GET", $"{ConfigMaps}?fieldSelector=data.key%3D1");
        Assert.Equal(400, code);
        Assert.Equal("\"data.key\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"", Text(status, "message"));
        (code, status) = await Cluster.SendAsync("GET", $"/api/v1/namespaces/{Namespace}/pods?fieldSelector=spec.x%3D1");
        Assert.Equal((400, "field label not supported: spec.x"), (code, Text(status, "message")));
    }

    [Fact]
    public async Task Pages_show_one_consistent_state()
    {
        foreach (var name in (string[])["a", "b", "c", "d", "e"]) await CreateAsync(ConfigMaps, ConfigMap(name, labels: """{"paged":"yes"}"""));
        var first = await GetAsync($"{ConfigMaps}?labelSelector=paged&limit=2");
        Assert.Equal(2, first["items"]!.AsArray().Count);
        var token = Text(first, "metadata", "continue");
        Assert.NotEmpty(token);
        await Cluster.SendAsync("DELETE", $"{ConfigMaps}/d");
        await CreateAsync(ConfigMaps, ConfigMap("cc", labels: """{"paged":"yes"}"""));
        var rest = await GetAsync($"{ConfigMaps}?labelSelector=paged&limit=10&continue={Uri.EscapeDataString(token)}");
        Assert.Equal("c,d,e", string.Join(',', rest["items"]!.AsArray().Select(i => Text(i, "metadata", "name"))));
        Assert.Equal(Text(first, "metadata", "resourceVersion"), Text(rest, "metadata", "resourceVersion"));
        Assert.Empty(Text(rest, "metadata", "continue"));
    }

    [Fact]
    public async Task Dry_run_stores_nothing()
    {
        var (code, answer) = await Cluster.SendAsync("POST", $"{ConfigMaps}?dryRun=All", ConfigMap("dry"));
        Assert.Equal(201, code);
        Assert.NotEmpty(Text(answer, "metadata", "uid"));
        Assert.Equal(404, (await Cluster.SendAsync("GET", $"{ConfigMaps}/dry")).Code);
    }

    [Fact]
    public async Task Strict_field_validation_names_the_unknown_field()
    {
        var deployment = Deployment("strict");
        deployment["spec"]!["replica"] = 2;
        var (code, status) = await Cluster.SendAsync("POST", $"{Deployments}?fieldValidation=Strict", deployment);
        Assert.Equal(400, code);
        Assert.Contains("strict decoding error: unknown field \"spec.replica\"", Text(status, "message"), StringComparison.Ordinal);
        Assert.Equal(201, (await Cluster.SendAsync("POST", $"{Deployments}?fieldValidation=Ignore", deployment)).Code);
    }

    [Fact]
    public async Task Wrong_types_are_a_bad_request()
    {
        var deployment = Deployment("types");
        deployment["spec"]!["replicas"] = "two";
        var (code, status) = await Cluster.SendAsync("POST", Deployments, deployment);
        Assert.Equal(400, code);
        Assert.Equal("BadRequest", Text(status, "reason"));
        Assert.Contains("cannot unmarshal string into Go struct field", Text(status, "message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invalid_objects_name_their_fields()
    {
        var deployment = Deployment("invalid", replicas: -1);
        deployment["spec"]!["template"]!["metadata"]!["labels"] = new JsonObject { ["app"] = "other" };
        var (code, status) = await Cluster.SendAsync("POST", Deployments, deployment);
        Assert.Equal(422, code);
        Assert.Equal("Invalid", Text(status, "reason"));
        var fields = status!["details"]!["causes"]!.AsArray().Select(c => Text(c, "field")).ToList();
        Assert.Contains("spec.replicas", fields);
        Assert.Contains("spec.template.metadata.labels", fields);
    }

    [Fact]
    public async Task Deployments_get_their_defaults()
    {
        var created = await CreateAsync(Deployments, Deployment("defaults"));
        Assert.Equal("RollingUpdate", Text(created, "spec", "strategy", "type"));
        Assert.Equal("25%", Text(created, "spec", "strategy", "rollingUpdate", "maxSurge"));
        Assert.Equal("600", Text(created, "spec", "progressDeadlineSeconds"));
        Assert.Equal("30", Text(created, "spec", "template", "spec", "terminationGracePeriodSeconds"));
        Assert.Equal("IfNotPresent", Text(created["spec"]!["template"]!["spec"]!["containers"]![0], "imagePullPolicy"));
        Assert.Equal("1", Text(created, "metadata", "generation"));
    }

    [Fact]
    public async Task Generation_rises_with_the_spec_only()
    {
        await CreateAsync(Deployments, Deployment("generation", replicas: 0));
        await Cluster.SendAsync("PATCH", $"{Deployments}/generation", Json("""{"metadata":{"labels":{"x":"y"}}}"""), "application/merge-patch+json");
        Assert.Equal("1", Text(await GetAsync($"{Deployments}/generation"), "metadata", "generation"));
        await Cluster.SendAsync("PATCH", $"{Deployments}/generation", Json("""{"spec":{"paused":true}}"""), "application/merge-patch+json");
        Assert.Equal("2", Text(await GetAsync($"{Deployments}/generation"), "metadata", "generation"));
    }

    [Fact]
    public async Task The_scale_subresource_reads_and_writes_replicas()
    {
        await CreateAsync(Deployments, Deployment("scaled", replicas: 0));
        var (code, scale) = await Cluster.SendAsync("PATCH", $"{Deployments}/scaled/scale", Json("""{"spec":{"replicas":1}}"""), "application/merge-patch+json");
        Assert.Equal(200, code);
        Assert.Equal("Scale", Text(scale, "kind"));
        Assert.Equal("app=scaled", Text(scale, "status", "selector"));
        Assert.Equal("1", Text(await GetAsync($"{Deployments}/scaled"), "spec", "replicas"));
    }

    [Fact]
    public async Task Unknown_groups_are_no_pages_and_unknown_resources_have_a_status()
    {
        var (code, text) = await Cluster.SendAsync("GET", "/apis/none.example.com/v1/things");
        Assert.Equal((404, "404 page not found"), (code, text!.ToString().Trim()));
        (code, text) = await Cluster.SendAsync("GET", $"/apis/apps/v1/namespaces/{Namespace}/things");
        Assert.Equal((404, "the server could not find the requested resource"), (code, Text(text, "message")));
    }

    [Fact]
    public async Task An_update_of_another_object_of_the_same_name_conflicts()
    {
        await CreateAsync(ConfigMaps, ConfigMap("a"));
        var other = ConfigMap("a");
        other["metadata"]!["uid"] = "00000000-0000-0000-0000-000000000000";
        var (code, status) = await Cluster.SendAsync("PUT", $"{ConfigMaps}/a", other);
        Assert.Equal((409, "Conflict"), (code, Text(status, "reason")));
        Assert.Contains("Precondition failed: UID in precondition: 00000000-0000-0000-0000-000000000000, UID in object meta: ", Text(status, "message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Creating_in_a_missing_namespace_is_not_found()
    {
        var (code, status) = await Cluster.SendAsync("POST", "/api/v1/namespaces/does-not-exist/configmaps", ConfigMap("a"));
        Assert.Equal(404, code);
        Assert.Equal("namespaces \"does-not-exist\" not found", Text(status, "message"));
    }
}
