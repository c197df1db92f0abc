using System.Text.Json.Nodes;

namespace AttentionOperator.Conformance;

/// <summary>Placement, cordons, evictions and nodes that go away.</summary>
public sealed class SchedulingTests(Cluster cluster) : ConformanceTest(cluster)
{
    private const string Merge = "application/merge-patch+json";

    private string Pods => $"/api/v1/namespaces/{Namespace}/pods";

    [Fact]
    public async Task A_pod_that_fits_no_node_stays_pending_and_says_why()
    {
        var deployment = Deployment("greedy");
        deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["resources"] = Json("""{"limits":{"example.com/accelerator":"1000"}}""");
        await CreateAsync(Deployments, deployment);
        Assert.Contains("Insufficient example.com/accelerator", await FailedSchedulingAsync(), StringComparison.Ordinal);
        // The scheduler records the event first, then writes the condition.
        var name = Text((await GetAsync(Pods))["items"]![0], "metadata", "name");
        var pod = await UntilAsync(Pods, name, p => p["status"]?["conditions"] is JsonArray { Count: > 0 });
        Assert.Equal("Pending", Text(pod, "status", "phase"));
        var scheduled = pod["status"]!["conditions"]!.AsArray().Single(c => Text(c, "type") == "PodScheduled");
        Assert.Equal(("False", "Unschedulable"), (Text(scheduled, "status"), Text(scheduled, "reason")));
    }

    [Fact]
    public async Task A_node_selector_that_no_node_satisfies_is_named()
    {
        var deployment = Deployment("picky");
        deployment["spec"]!["template"]!["spec"]!["nodeSelector"] = Json("""{"example.com/none":"true"}""");
        await CreateAsync(Deployments, deployment);
        Assert.Contains("didn't match Pod's node affinity/selector", await FailedSchedulingAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disruption_budget_refuses_the_eviction_that_would_break_it_and_allows_others()
    {
        await CreateAsync(Deployments, Deployment("budgeted", replicas: 2));
        await UntilAsync(Deployments, "budgeted", d => Text(d, "status", "availableReplicas") == "2");
        var budgets = $"/apis/policy/v1/namespaces/{Namespace}/poddisruptionbudgets";
        await CreateAsync(budgets, Json("""{"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"b"},"spec":{"minAvailable":2,"selector":{"matchLabels":{"app":"budgeted"}}}}"""));
        var counted = await UntilAsync(budgets, "b", b => Text(b, "status", "currentHealthy") == "2");
        Assert.Equal(("0", "2", "2"), (Text(counted, "status", "disruptionsAllowed"), Text(counted, "status", "desiredHealthy"), Text(counted, "status", "expectedPods")));
        var pod = Text((await GetAsync(Pods))["items"]![0], "metadata", "name");
        var (code, status) = await EvictAsync(pod);
        Assert.Equal((429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget."), (code, Text(status, "reason"), Text(status, "message")));
        Assert.Contains(status!["details"]!["causes"]!.AsArray(), c => Text(c, "reason") == "DisruptionBudget");

        await Cluster.SendAsync("PATCH", $"{budgets}/b", Json("""{"spec":{"minAvailable":1}}"""), Merge);
        await UntilAsync(budgets, "b", b => Text(b, "status", "disruptionsAllowed") == "1");
        Assert.Equal(201, (await EvictAsync(pod)).Code);
        await UntilGoneAsync(Pods, pod);
    }

    [Fact]
    public async Task A_cordoned_node_gets_no_pods_and_drains_by_eviction()
    {
        if (!Cluster.OwnsNodes) Assert.Skip("It cordons nodes, and those of this cluster are not the tests' own.");
        await CreateAsync(Deployments, Deployment("drained"));
        await UntilAsync(Deployments, "drained", d => Text(d, "status", "availableReplicas") == "1");
        var pod = (await GetAsync(Pods))["items"]![0]!;
        var node = Text(pod, "spec", "nodeName");
        try
        {
            Assert.Equal(200, (await CordonAsync(node, true)).Code);
            Assert.Equal(201, (await EvictAsync(Text(pod, "metadata", "name"))).Code);
            await UntilGoneAsync(Pods, Text(pod, "metadata", "name"));
            // The Deployment's status may still tell of the evicted pod: the other one is awaited itself.
            Assert.NotEqual(node, await NodeOfAnyAsync());
            await UntilAsync("/api/v1/nodes", node, n => n["spec"]!["taints"]?.AsArray().Any(t => (Text(t, "key"), Text(t, "effect")) == ("node.kubernetes.io/unschedulable", "NoSchedule")) == true);
        }
        finally
        {
            await CordonAsync(node, false);
        }
    }

    [Fact]
    public async Task Pods_of_a_node_that_is_gone_are_collected()
    {
        if (!Cluster.OwnsNodes) Assert.Skip("It makes a node, and those of this cluster are not the tests' own.");
        var node = $"gone-{Namespace}";
        await CreateAsync("/api/v1/nodes", Json($$$"""{"metadata":{"name":"{{{node}}}"},"spec":{"unschedulable":true}}"""));
        await CreateAsync(Pods, Json($$$"""{"metadata":{"name":"left"},"spec":{"nodeName":"{{{node}}}","tolerations":[{"operator":"Exists"}],"containers":[{"name":"main","image":"registry.k8s.io/pause:3.10"}]}}"""));
        Assert.Equal(200, (await Cluster.SendAsync("DELETE", $"/api/v1/nodes/{node}")).Code);
        await UntilGoneAsync(Pods, "left", TimeSpan.FromMinutes(3)); // Real clusters look twice, 40 seconds apart.
    }

    private async Task<string> FailedSchedulingAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await foreach (var change in WatchAsync($"/api/v1/namespaces/{Namespace}/events?watch=true&fieldSelector=reason%3DFailedScheduling", patience.Token))
        {
            Assert.Equal("Warning", Text(change, "object", "type"));
            return Text(change, "object", "message");
        }

        throw new InvalidOperationException("The watch ended without a FailedScheduling event.");
    }

    private Task<(int Code, JsonNode? Body)> CordonAsync(string node, bool on) =>
        Cluster.SendAsync("PATCH", $"/api/v1/nodes/{node}", Json($$$"""{"spec":{"unschedulable":{{{(on ? "true" : "null")}}}}}"""), Merge);

    private Task<(int Code, JsonNode? Body)> EvictAsync(string pod) =>
        Cluster.SendAsync("POST", $"{Pods}/{pod}/eviction", Json($$"""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"{{pod}}"} }"""));

    /// <summary>The node of the first pod that is placed and not ending.</summary>
    private async Task<string> NodeOfAnyAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await foreach (var change in WatchAsync($"{Pods}?watch=true", patience.Token))
        {
            var pod = change["object"];
            if (Text(change, "type") != "DELETED" && Text(pod, "metadata", "deletionTimestamp").Length == 0 && Text(pod, "spec", "nodeName") is { Length: > 0 } node) return node;
        }

        throw new InvalidOperationException("The watch ended before a pod was placed.");
    }
}
