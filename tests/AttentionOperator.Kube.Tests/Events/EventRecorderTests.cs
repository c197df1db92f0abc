using System.Text.Json.Nodes;
using AttentionOperator.Kube.Client;
using AttentionOperator.Kube.Events;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Kube.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace AttentionOperator.Kube.Tests.Events;

public sealed class EventRecorderTests
{
    private const string Collection = "/api/v1/namespaces/ns/events";

    [Fact]
    public async Task Record_CreatesThenCounts_AndCreatesAgainWhereTheEventIsGone()
    {
        await using ApiServer server = await ApiServer.StartAsync();
        using KubeConnection connection = server.Connect();
        var recorder = new EventRecorder(new KubeApi(connection), new EventOptions { Component = "the-operator", Instance = "pod-1" }, NullLogger<EventRecorder>.Instance);
        using var stop = new CancellationTokenSource();
        Task run = recorder.RunAsync(stop.Token);
        recorder.Record(Note());
        recorder.Record(Note());

        RecordedRequest created = await server.Requests.FirstAsync(r => r.Method == "POST");
        JsonNode sent = JsonNode.Parse(created.Body)!;
        Assert.Equal(Collection, created.Path);
        Assert.Equal("Pod", (string?)sent["involvedObject"]!["kind"]);
        Assert.Equal("u", (string?)sent["involvedObject"]!["uid"]);
        Assert.Equal("the-operator", (string?)sent["source"]!["component"]);
        Assert.Equal("Warning", (string?)sent["type"]);
        Assert.Equal(1, (int)sent["count"]!);
        RecordedRequest counted = await server.Requests.FirstAsync(r => r.Method == "PATCH");
        Assert.Equal(2, (int)JsonNode.Parse(counted.Body)!["count"]!);

        string name = (string)sent["metadata"]!["name"]!;
        await server.WaitUntilAsync(() => (int?)server.Get(Collection, name)?["count"] == 2);
        server.Delete(Collection, name);
        recorder.Record(Note());
        RecordedRequest again = await server.Requests.NthAsync(2, r => r.Method == "POST");
        Assert.Equal(3, (int)JsonNode.Parse(again.Body)!["count"]!);
        await stop.CancelAsync();
        await run;
    }

    [Fact]
    public async Task Record_ServerAway_NeitherWaitsNorThrows()
    {
        ApiServer server = await ApiServer.StartAsync();
        using KubeConnection connection = server.Connect();
        await server.DisposeAsync();
        var recorder = new EventRecorder(new KubeApi(connection), new EventOptions { Component = "c", QueueLength = 10 }, NullLogger<EventRecorder>.Instance);
        for (int i = 0; i < 100; i++)
        {
            recorder.Record(Note());
        }

        Assert.Equal(90, recorder.Dropped);
    }

    private static EventNote Note() => new(new ResourceKind("", "v1", "pods", "Pod"), new ObjectIdentity(new ObjectKey("ns", "a"), "u", "1"), EventKind.Warning, "Failed", "Reconcile", "message");
}
