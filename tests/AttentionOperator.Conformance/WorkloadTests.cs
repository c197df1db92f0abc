using System.Globalization;

namespace AttentionOperator.Conformance;

/// <summary>What the controllers make of Deployments, Jobs, Services and autoscalers.</summary>
public sealed class WorkloadTests(Cluster cluster) : ConformanceTest(cluster)
{
    private const string Merge = "application/merge-patch+json";

    private string ReplicaSets => $"/apis/apps/v1/namespaces/{Namespace}/replicasets";

    private string Pods => $"/api/v1/namespaces/{Namespace}/pods";

    [Fact]
    public async Task A_deployment_becomes_available_and_rolls()
    {
        await CreateAsync(Deployments, Deployment("web", replicas: 2));
        await UntilAsync(Deployments, "web", d => Text(d, "status", "availableReplicas") == "2");
        await Cluster.SendAsync("PATCH", $"{Deployments}/web", Json("""{"spec":{"template":{"metadata":{"annotations":{"round":"2"}}}}}"""), Merge);
        var rolled = await UntilAsync(Deployments, "web", d =>
            Text(d, "status", "observedGeneration") == "2" && Text(d, "status", "updatedReplicas") == "2" && Text(d, "status", "replicas") == "2" && Text(d, "status", "availableReplicas") == "2");
        Assert.Contains(rolled["status"]!["conditions"]!.AsArray(), c => Text(c, "type") == "Progressing" && Text(c, "reason") == "NewReplicaSetAvailable");
        Assert.Equal("2", Text(rolled, "metadata", "annotations", "deployment.kubernetes.io/revision"));
        Assert.Equal(2, (await GetAsync(ReplicaSets))["items"]!.AsArray().Count);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    [InlineData(2, 1)]
    public async Task A_rolling_update_keeps_within_surge_and_unavailability(int surge, int unavailable)
    {
        const int replicas = 4;
        var deployment = Deployment("rolls", replicas);
        deployment["spec"]!["strategy"] = Json($$$"""{"type":"RollingUpdate","rollingUpdate":{"maxSurge":{{{surge}}},"maxUnavailable":{{{unavailable}}}}}""");
        await CreateAsync(Deployments, deployment);
        var ready = await UntilAsync(Deployments, "rolls", d => Text(d, "status", "availableReplicas") == "4");
        await Cluster.SendAsync("PATCH", $"{Deployments}/rolls", Json("""{"spec":{"template":{"metadata":{"annotations":{"round":"2"}}}}}"""), Merge);
        using var patience = new CancellationTokenSource(Patience);
        await foreach (var change in WatchAsync($"{Deployments}?watch=true&fieldSelector=metadata.name%3Drolls&resourceVersion={Text(ready, "metadata", "resourceVersion")}", patience.Token))
        {
            var status = change["object"]!["status"];
            // What is asked for; the pods themselves follow a moment later.
            var asked = (await GetAsync(ReplicaSets))["items"]!.AsArray().Sum(s => Number(s!["spec"]!["replicas"]));
            Assert.InRange(asked, replicas - unavailable, replicas + surge);
            // Too few would break the promise. There is no upper bound: statuses may still count pods that are on their way out.
            Assert.True(Number(status?["availableReplicas"]) >= replicas - unavailable, $"too few are available: {status?.ToJsonString()}");
            var serving = (await GetAsync(Pods))["items"]!.AsArray().Count(p => p!["metadata"]!["deletionTimestamp"] is null
                && p["status"]?["conditions"]?.AsArray().Any(c => (Text(c, "type"), Text(c, "status")) == ("Ready", "True")) == true);
            Assert.True(serving >= replicas - unavailable, $"{serving} pods serve, {replicas - unavailable} are promised.");
            if (Text(status, "observedGeneration") == "2" && Text(status, "updatedReplicas") == "4" && Text(status, "replicas") == "4" && Text(status, "availableReplicas") == "4") return;
        }

        Assert.Fail("The watch ended before the update was complete.");
    }

    [Fact]
    public async Task A_deployment_that_makes_no_progress_says_so_after_its_deadline()
    {
        var deployment = Deployment("stuck");
        deployment["spec"]!["progressDeadlineSeconds"] = 2;
        deployment["spec"]!["template"]!["spec"]!["nodeSelector"] = Json("""{"example.com/none":"true"}""");
        await CreateAsync(Deployments, deployment);
        var stuck = await UntilAsync(Deployments, "stuck", d => d["status"]?["conditions"]?.AsArray().Any(c => (Text(c, "type"), Text(c, "status")) == ("Progressing", "False")) == true);
        var progressing = stuck["status"]!["conditions"]!.AsArray().Single(c => Text(c, "type") == "Progressing");
        Assert.Equal("ProgressDeadlineExceeded", Text(progressing, "reason"));
        Assert.Matches("^ReplicaSet \"stuck-[a-z0-9]+\" has timed out progressing\\.$", Text(progressing, "message"));
        Assert.Equal("1", Text(stuck, "status", "unavailableReplicas"));
    }

    [Fact]
    public async Task A_paused_deployment_does_not_roll()
    {
        await CreateAsync(Deployments, Deployment("paused"));
        await UntilAsync(Deployments, "paused", d => Text(d, "status", "availableReplicas") == "1");
        await Cluster.SendAsync("PATCH", $"{Deployments}/paused", Json("""{"spec":{"paused":true,"template":{"metadata":{"annotations":{"round":"2"}}}}}"""), Merge);
        var paused = await UntilAsync(Deployments, "paused", d => Text(d, "status", "observedGeneration") == "2");
        Assert.True(Text(paused, "status", "updatedReplicas") is "" or "0", paused.ToJsonString());
        await Cluster.SendAsync("PATCH", $"{Deployments}/paused", Json("""{"spec":{"paused":false}}"""), Merge);
        await UntilAsync(Deployments, "paused", d => Text(d, "status", "observedGeneration") == "3" && Text(d, "status", "updatedReplicas") == "1" && Text(d, "status", "replicas") == "1");
    }

    [Fact]
    public async Task Deleting_a_deployment_takes_its_pods_along()
    {
        await CreateAsync(Deployments, Deployment("gone", replicas: 1));
        await UntilAsync(Deployments, "gone", d => Text(d, "status", "availableReplicas") == "1");
        var pod = Text((await GetAsync(Pods))["items"]![0], "metadata", "name");
        await Cluster.SendAsync("DELETE", $"{Deployments}/gone", Json("""{"propagationPolicy":"Background"}"""));
        await UntilGoneAsync(Pods, pod);
    }

    [Fact]
    public async Task A_job_runs_its_pod_and_is_complete_with_it()
    {
        var jobs = $"/apis/batch/v1/namespaces/{Namespace}/jobs";
        var created = await CreateAsync(jobs, Json("""
            {"metadata":{"name":"once"},"spec":{"backoffLimit":1,"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"main","image":"registry.k8s.io/pause:3.10"}]}}}}
            """));
        Assert.Equal(("1", "1", "NonIndexed"), (Text(created, "spec", "parallelism"), Text(created, "spec", "completions"), Text(created, "spec", "completionMode")));
        await UntilAsync(jobs, "once", j => Text(j, "status", "active") == "1");
        var pod = Assert.Single((await GetAsync($"{Pods}?labelSelector=batch.kubernetes.io/job-name%3Donce"))["items"]!.AsArray());
        Assert.Equal(Text(created, "metadata", "uid"), Text(pod, "metadata", "labels", "batch.kubernetes.io/controller-uid"));
        if (!Cluster.OwnsNodes) Assert.Skip("What follows says that a pod succeeded, which only a kubelet may say in this cluster.");
        await UntilAsync(Pods, Text(pod, "metadata", "name"), p => Text(p, "status", "phase") == "Running");
        await Cluster.SendAsync("PATCH", $"{Pods}/{Text(pod, "metadata", "name")}/status", Json("""
            {"status":{"phase":"Succeeded","containerStatuses":[{"name":"main","image":"x","imageID":"x","ready":false,"restartCount":0,"state":{"terminated":{"exitCode":0,"reason":"Completed"}}}]}}
            """), Merge);
        var complete = await UntilAsync(jobs, "once", j => j["status"]?["conditions"]?.AsArray().Any(c => (Text(c, "type"), Text(c, "status")) == ("Complete", "True")) == true);
        Assert.Equal("1", Text(complete, "status", "succeeded"));
        Assert.NotEmpty(Text(complete, "status", "completionTime"));
    }

    [Fact]
    public async Task Endpoint_slices_follow_ready_pods()
    {
        var slices = $"/apis/discovery.k8s.io/v1/namespaces/{Namespace}/endpointslices";
        await CreateAsync($"/api/v1/namespaces/{Namespace}/services", Json("""{"metadata":{"name":"web"},"spec":{"clusterIP":"None","selector":{"app":"web"},"ports":[{"name":"http","port":80,"targetPort":8000}]}}"""));
        await CreateAsync(Deployments, Deployment("web", replicas: 2));
        var filled = await SliceAsync(slices, items => items.Sum(s => s!["endpoints"]?.AsArray().Count(e => Text(e, "conditions", "ready") == "true") ?? 0) == 2);
        Assert.Equal("web", Text(filled, "metadata", "labels", "kubernetes.io/service-name"));
        Assert.Equal("endpointslice-controller.k8s.io", Text(filled, "metadata", "labels", "endpointslice.kubernetes.io/managed-by"));
        Assert.Equal(("http", "8000", "TCP"), (Text(filled["ports"]![0], "name"), Text(filled["ports"]![0], "port"), Text(filled["ports"]![0], "protocol")));
        Assert.All(filled["endpoints"]!.AsArray(), e => Assert.Equal(("Pod", "true", "false"), (Text(e, "targetRef", "kind"), Text(e, "conditions", "serving"), Text(e, "conditions", "terminating"))));
        await Cluster.SendAsync("PATCH", $"{Deployments}/web", Json("""{"spec":{"replicas":0}}"""), Merge);
        await SliceAsync(slices, items => items.Sum(s => s!["endpoints"]?.AsArray().Count ?? 0) == 0);
    }

    [Fact]
    public async Task An_autoscaler_keeps_within_its_bounds_and_names_the_metric_it_cannot_read()
    {
        var autoscalers = $"/apis/autoscaling/v2/namespaces/{Namespace}/horizontalpodautoscalers";
        await CreateAsync(Deployments, Deployment("scaled", replicas: 5));
        await UntilAsync(Deployments, "scaled", d => Text(d, "status", "availableReplicas") == "5");
        await CreateAsync(autoscalers, Json("""
            {"metadata":{"name":"scaled"},"spec":{"minReplicas":1,"maxReplicas":3,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"scaled"},
             "metrics":[{"type":"External","external":{"metric":{"name":"nobody_serves_this"},"target":{"type":"AverageValue","averageValue":"1"}}}]}}
            """));
        await UntilAsync(Deployments, "scaled", d => Text(d, "spec", "replicas") == "3");
        var blind = await UntilAsync(autoscalers, "scaled", a => a["status"]?["conditions"]?.AsArray().Any(c => (Text(c, "type"), Text(c, "status")) == ("ScalingActive", "False")) == true);
        Assert.Equal("FailedGetExternalMetric", Text(blind["status"]!["conditions"]!.AsArray().Single(c => Text(c, "type") == "ScalingActive"), "reason"));
        Assert.Contains(blind["status"]!["conditions"]!.AsArray(), c => (Text(c, "type"), Text(c, "status")) == ("AbleToScale", "True"));
    }

    private static int Number(System.Text.Json.Nodes.JsonNode? node) => node is null ? 0 : int.Parse(node.ToString(), CultureInfo.InvariantCulture);

    private async Task<System.Text.Json.Nodes.JsonObject> SliceAsync(string collection, Func<System.Text.Json.Nodes.JsonArray, bool> holds)
    {
        using var patience = new CancellationTokenSource(Patience);
        await foreach (var _ in WatchAsync($"{collection}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true", patience.Token))
        {
            var items = (await GetAsync(collection))["items"]!.AsArray();
            if (items.Count > 0 && holds(items)) return items[0]!.AsObject();
        }

        throw new InvalidOperationException("The watch ended before the endpoints were as expected.");
    }
}
