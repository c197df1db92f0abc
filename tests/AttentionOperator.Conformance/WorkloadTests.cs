namespace AttentionOperator.Conformance;

public sealed class WorkloadTests(Cluster cluster) : ConformanceTest(cluster)
{
    private string ReplicaSets => $"/apis/apps/v1/namespaces/{Namespace}/replicasets";

    [Fact]
    public async Task A_deployment_becomes_available_and_rolls()
    {
        await CreateAsync(Deployments, Deployment("web", replicas: 2));
        await UntilAsync(Deployments, "web", d => Text(d, "status", "availableReplicas") == "2");
        await Cluster.SendAsync("PATCH", $"{Deployments}/web", Json("""{"spec":{"template":{"metadata":{"annotations":{"round":"2"}}}}}"""), "application/merge-patch+json");
        var rolled = await UntilAsync(Deployments, "web", d =>
            Text(d, "status", "observedGeneration") == "2" && Text(d, "status", "updatedReplicas") == "2" && Text(d, "status", "replicas") == "2" && Text(d, "status", "availableReplicas") == "2");
        Assert.Contains(rolled["status"]!["conditions"]!.AsArray(), c => Text(c, "type") == "Progressing" && Text(c, "reason") == "NewReplicaSetAvailable");
        Assert.Equal("2", Text(rolled, "metadata", "annotations", "deployment.kubernetes.io/revision"));
        Assert.Equal(2, (await GetAsync(ReplicaSets))["items"]!.AsArray().Count);
    }

    [Fact]
    public async Task Deleting_a_deployment_takes_its_pods_along()
    {
        await CreateAsync(Deployments, Deployment("gone", replicas: 1));
        await UntilAsync(Deployments, "gone", d => Text(d, "status", "availableReplicas") == "1");
        var pod = Text((await GetAsync($"/api/v1/namespaces/{Namespace}/pods"))["items"]![0], "metadata", "name");
        await Cluster.SendAsync("DELETE", $"{Deployments}/gone", Json("""{"propagationPolicy":"Background"}"""));
        await UntilGoneAsync($"/api/v1/namespaces/{Namespace}/pods", pod);
    }

    [Fact]
    public async Task A_pod_that_fits_no_node_stays_pending_and_says_why()
    {
        var deployment = Deployment("greedy");
        deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["resources"] = Json("""{"limits":{"example.com/accelerator":"1000"}}""");
        await CreateAsync(Deployments, deployment);
        using var patience = new CancellationTokenSource(Patience);
        await foreach (var change in WatchAsync($"/api/v1/namespaces/{Namespace}/events?watch=true&fieldSelector=reason%3DFailedScheduling", patience.Token))
        {
            Assert.Contains("Insufficient example.com/accelerator", Text(change, "object", "message"), StringComparison.Ordinal);
            break;
        }

        var pod = (await GetAsync($"/api/v1/namespaces/{Namespace}/pods"))["items"]![0];
        Assert.Equal("Pending", Text(pod, "status", "phase"));
    }

    [Fact]
    public async Task A_disruption_budget_refuses_the_eviction_that_would_break_it()
    {
        await CreateAsync(Deployments, Deployment("budgeted", replicas: 1));
        await UntilAsync(Deployments, "budgeted", d => Text(d, "status", "availableReplicas") == "1");
        var budgets = $"/apis/policy/v1/namespaces/{Namespace}/poddisruptionbudgets";
        await CreateAsync(budgets, Json("""{"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"b"},"spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"budgeted"}}}}"""));
        await UntilAsync(budgets, "b", b => Text(b, "status", "currentHealthy") == "1");
        var pod = Text((await GetAsync($"/api/v1/namespaces/{Namespace}/pods"))["items"]![0], "metadata", "name");
        var (code, status) = await Cluster.SendAsync("POST", $"/api/v1/namespaces/{Namespace}/pods/{pod}/eviction",
            Json($$"""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"{{pod}}"} }"""));
        Assert.Equal(429, code);
        Assert.Equal("TooManyRequests", Text(status, "reason"));
        Assert.Equal("Cannot evict pod as it would violate the pod's disruption budget.", Text(status, "message"));
    }
}
