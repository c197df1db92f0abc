using System.Text.Json.Nodes;

namespace AttentionOperator.Conformance;

/// <summary>Namespaces, Leases and Events.</summary>
public sealed class ClusterObjectTests(Cluster cluster) : ConformanceTest(cluster)
{
    private string Leases => $"/apis/coordination.k8s.io/v1/namespaces/{Namespace}/leases";

    [Fact]
    public async Task A_lease_changes_hands_by_version()
    {
        var first = await CreateAsync(Leases, Json("""{"metadata":{"name":"l"},"spec":{"holderIdentity":"a","leaseDurationSeconds":15,"acquireTime":"2026-01-01T00:00:00.123456Z","renewTime":"2026-01-01T00:00:00.000000Z","leaseTransitions":1}}"""));
        Assert.Equal("2026-01-01T00:00:00.123456Z", Text(first, "spec", "acquireTime"));
        Assert.Equal("2026-01-01T00:00:00.000000Z", Text(first, "spec", "renewTime"));
        var taken = first.DeepClone();
        taken["spec"]!["holderIdentity"] = "b";
        Assert.Equal(200, (await Cluster.SendAsync("PUT", $"{Leases}/l", taken)).Code);
        first["spec"]!["holderIdentity"] = "c";
        Assert.Equal(409, (await Cluster.SendAsync("PUT", $"{Leases}/l", first)).Code);
        Assert.Equal("b", Text(await GetAsync($"{Leases}/l"), "spec", "holderIdentity"));
    }

    [Fact]
    public async Task An_event_of_the_new_group_is_one_of_the_old_too()
    {
        await CreateAsync($"/apis/events.k8s.io/v1/namespaces/{Namespace}/events", NewEvent("e"));
        var core = await GetAsync($"/api/v1/namespaces/{Namespace}/events/e");
        Assert.Equal(("Because", "a note", "a"), (Text(core, "reason"), Text(core, "message"), Text(core, "involvedObject", "name")));
        Assert.Equal(("conformance", "one"), (Text(core, "reportingComponent"), Text(core, "reportingInstance")));
        Assert.Single((await GetAsync($"/api/v1/namespaces/{Namespace}/events?fieldSelector=involvedObject.name%3Da,reason%3DBecause"))["items"]!.AsArray());
    }

    [Theory]
    [InlineData("""{"leaseDurationSeconds":0}""", "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0")]
    [InlineData("""{"leaseTransitions":-1}""", "spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("""{"preferredHolder":"b"}""", "spec.preferredHolder: Forbidden: may only be specified if `strategy` is defined")]
    public async Task A_lease_that_makes_no_sense_is_refused(string spec, string message)
    {
        var (code, status) = await Cluster.SendAsync("POST", Leases, Json($$$"""{"metadata":{"name":"l"},"spec":{{{spec}}}}"""));
        Assert.Equal((422, $"Lease.coordination.k8s.io \"l\" is invalid: {message}"), (code, Text(status, "message")));
    }

    [Theory]
    [InlineData("reason", "")]
    [InlineData("action", "")]
    [InlineData("reportingInstance", "")]
    [InlineData("eventTime", null)]
    [InlineData("type", "Odd")]
    [InlineData("deprecatedCount", 2)]
    public async Task An_event_of_the_new_group_is_checked_strictly(string field, object? value)
    {
        var one = NewEvent("e");
        one[field] = value is null ? null : JsonValue.Create(value);
        var (code, status) = await Cluster.SendAsync("POST", $"/apis/events.k8s.io/v1/namespaces/{Namespace}/events", one);
        Assert.Equal((422, "Invalid"), (code, Text(status, "reason")));
        Assert.Contains(status!["details"]!["causes"]!.AsArray(), c => Text(c, "field") == (field == "deprecatedCount" ? "count" : field));
    }

    [Fact]
    public async Task An_event_s_series_may_grow_and_its_text_may_not_change()
    {
        var events = $"/apis/events.k8s.io/v1/namespaces/{Namespace}/events";
        await CreateAsync(events, NewEvent("e"));
        Assert.Equal(200, (await Cluster.SendAsync("PATCH", $"{events}/e", Json("""{"series":{"count":2,"lastObservedTime":"2026-01-01T00:01:00.000000Z"}}"""), "application/merge-patch+json")).Code);
        var (code, status) = await Cluster.SendAsync("PATCH", $"{events}/e", Json("""{"note":"another"}"""), "application/merge-patch+json");
        Assert.Equal((422, "message"), (code, Text(status!["details"]!["causes"]![0], "field")));
    }

    [Fact]
    public async Task An_event_lies_in_the_namespace_of_what_it_is_about()
    {
        var (code, status) = await Cluster.SendAsync("POST", $"/api/v1/namespaces/{Namespace}/events", Json("""{"metadata":{"name":"e"},"reason":"Because","involvedObject":{"kind":"ConfigMap","name":"a","namespace":"elsewhere"}}"""));
        Assert.Equal((422, "Event \"e\" is invalid: involvedObject.namespace: Invalid value: \"elsewhere\": does not match event.namespace"), (code, Text(status, "message")));
    }

    private JsonObject NewEvent(string name) => Json($$$"""
        {"metadata":{"name":"{{{name}}}"},"eventTime":"2026-01-01T00:00:00.000000Z","action":"Reconcile","reason":"Because","note":"a note","type":"Normal",
         "reportingController":"conformance","reportingInstance":"one","regarding":{"kind":"ConfigMap","apiVersion":"v1","name":"a","namespace":"{{{Namespace}}}"}}
        """);

    [Fact]
    public async Task A_namespace_goes_with_what_is_in_it_and_takes_nothing_new_meanwhile()
    {
        var (_, created) = await Cluster.SendAsync("POST", "/api/v1/namespaces", Json("""{"metadata":{"generateName":"conformance-"}}"""));
        var name = Text(created, "metadata", "name");
        Assert.Equal(("Active", name), (Text(created, "status", "phase"), Text(created, "metadata", "labels", "kubernetes.io/metadata.name")));
        Assert.Equal("kubernetes", created!["spec"]!["finalizers"]![0]!.ToString());
        var held = ConfigMap("held");
        held["metadata"]!["finalizers"] = new JsonArray("example.com/hold");
        await CreateAsync($"/api/v1/namespaces/{name}/configmaps", held);
        Assert.Equal(200, (await Cluster.SendAsync("DELETE", $"/api/v1/namespaces/{name}")).Code);
        await UntilAsync($"/api/v1/namespaces/{name}/configmaps", "held", c => Text(c, "metadata", "deletionTimestamp").Length > 0);
        Assert.Equal("Terminating", Text(await GetAsync($"/api/v1/namespaces/{name}"), "status", "phase"));
        var (code, status) = await Cluster.SendAsync("POST", $"/api/v1/namespaces/{name}/configmaps", ConfigMap("late"));
        Assert.Equal((403, $"configmaps \"late\" is forbidden: unable to create new content in namespace {name} because it is being terminated"), (code, Text(status, "message")));
        Assert.Contains(status!["details"]!["causes"]!.AsArray(), c => Text(c, "reason") == "NamespaceTerminating");
        await Cluster.SendAsync("PATCH", $"/api/v1/namespaces/{name}/configmaps/held", Json("""{"metadata":{"finalizers":null}}"""), "application/merge-patch+json");
        await UntilGoneAsync("/api/v1/namespaces", name);
    }

    [Fact]
    public async Task Each_namespace_has_its_default_account_and_the_authority()
    {
        await UntilAsync($"/api/v1/namespaces/{Namespace}/serviceaccounts", "default", _ => true);
        if (Cluster.IsSandbox) Assert.Skip("The Sandbox publishes kube-root-ca.crt only where it serves HTTPS.");
        await UntilAsync(ConfigMaps, "kube-root-ca.crt", m => Text(m, "data", "ca.crt").Contains("BEGIN CERTIFICATE", StringComparison.Ordinal));
    }
}
