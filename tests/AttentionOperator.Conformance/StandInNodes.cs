using System.Globalization;
using System.Text.Json.Nodes;

namespace AttentionOperator.Conformance;

/// <summary>
/// Plays the kubelets of a cluster that has a control plane and no node: pods that are bound to its nodes run at once, without containers, and deleted ones go at once.
/// With it the workload controllers and the scheduler of a bare control plane can be stated too.
/// </summary>
internal sealed class StandInNodes : IAsyncDisposable
{
    private const string Strategic = "application/strategic-merge-patch+json";
    private const string Leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);
    private readonly Cluster cluster;
    private readonly CancellationTokenSource stop = new();
    private readonly List<string> names = [];
    private Task running = Task.CompletedTask;
    private int address;

    private StandInNodes(Cluster cluster) => this.cluster = cluster;

    public static async Task<StandInNodes> StartAsync(Cluster cluster, int count)
    {
        var nodes = new StandInNodes(cluster);
        for (var i = 0; i < count; i++)
        {
            var (code, created) = await cluster.SendAsync("POST", "/api/v1/nodes", Object("""{"metadata":{"generateName":"conformance-","labels":{"kubernetes.io/os":"linux"}}}"""));
            Assert.True(code == 201, $"{code}: {created}");
            nodes.names.Add(created!["metadata"]!["name"]!.GetValue<string>());
        }

        foreach (var name in nodes.names) await nodes.BeatAsync(name);
        nodes.running = Task.WhenAll(nodes.BeatAllAsync(), nodes.FollowAsync());
        return nodes;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        foreach (var name in names)
        {
            await cluster.SendAsync("DELETE", $"/api/v1/nodes/{name}");
            await cluster.SendAsync("DELETE", $"{Leases}/{name}");
        }

        stop.Dispose();
    }

    private static JsonObject Object(string text) => JsonNode.Parse(text)!.AsObject();

    private static string Now() => DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private async Task BeatAllAsync()
    {
        using var timer = new PeriodicTimer(Heartbeat);
        try
        {
            while (await timer.WaitForNextTickAsync(stop.Token))
            {
                foreach (var name in names) await BeatAsync(name);
            }
        }
        catch (OperationCanceledException)
        {
            // The usual end.
        }
    }

    private async Task BeatAsync(string name)
    {
        await cluster.SendAsync("PATCH", $"/api/v1/nodes/{name}/status", Object($$$"""
            {"status":{"capacity":{"cpu":"8","memory":"16Gi","pods":"110"},"allocatable":{"cpu":"8","memory":"16Gi","pods":"110"},
              "conditions":[{"type":"Ready","status":"True","reason":"KubeletReady","message":"stand-in","lastHeartbeatTime":"{{{Now()}}}","lastTransitionTime":"{{{Now()}}}"}]}}
            """), Strategic);
        var lease = Object($$"""
            {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"{{name}}"},"spec":{"holderIdentity":"{{name}}","leaseDurationSeconds":40,"renewTime":"{{Now().Replace("Z", ".000000Z", StringComparison.Ordinal)}}"} }
            """);
        await cluster.SendAsync("PATCH", $"{Leases}/{name}?fieldManager=stand-in&force=true", lease, "application/apply-patch+yaml");
    }

    private async Task FollowAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var response = await cluster.OpenAsync("GET", "/api/v1/pods?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
                using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(stop.Token));
                while (await reader.ReadLineAsync(stop.Token) is { } line)
                {
                    var change = Object(line);
                    if (change["type"]!.GetValue<string>() is "ADDED" or "MODIFIED") await MoveAsync(change["object"]!);
                }
            }
            catch (Exception e) when (e is IOException or HttpRequestException || (e is OperationCanceledException && stop.IsCancellationRequested))
            {
                // The watch ended; the next one begins with what is there.
            }
        }
    }

    private async Task MoveAsync(JsonNode pod)
    {
        var meta = pod["metadata"]!;
        if (!names.Contains(pod["spec"]!["nodeName"]?.GetValue<string>() ?? "")) return;
        var path = $"/api/v1/namespaces/{meta["namespace"]}/pods/{meta["name"]}";
        if (meta["deletionTimestamp"] is not null)
        {
            await cluster.SendAsync("DELETE", path, Object($$$"""{"gracePeriodSeconds":0,"preconditions":{"uid":"{{{meta["uid"]}}}"}}"""));
        }
        else if (pod["status"]!["phase"]?.GetValue<string>() == "Pending")
        {
            await cluster.SendAsync("PATCH", $"{path}/status", Status(pod), Strategic);
        }
    }

    private JsonObject Status(JsonNode pod)
    {
        var ip = string.Create(CultureInfo.InvariantCulture, $"10.77.{++address / 250}.{1 + (address % 250)}");
        var status = Object($$"""{"phase":"Running","podIP":"{{ip}}","podIPs":[{"ip":"{{ip}}"}],"startTime":"{{Now()}}"}""");
        status["conditions"] = new JsonArray([.. ((string[])["Initialized", "Ready", "ContainersReady"]).Select(type => (JsonNode)Object($$"""{"type":"{{type}}","status":"True","lastTransitionTime":"{{Now()}}"}"""))]);
        status["containerStatuses"] = new JsonArray([.. pod["spec"]!["containers"]!.AsArray().Select(container => (JsonNode)Object($$$"""
            {"name":"{{{container!["name"]}}}","image":"{{{container["image"]}}}","imageID":"stand-in","ready":true,"started":true,"restartCount":0,"state":{"running":{"startedAt":"{{{Now()}}}"} } }
            """))]);
        return new JsonObject { ["status"] = status };
    }
}
