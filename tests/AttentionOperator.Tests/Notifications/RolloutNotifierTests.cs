using System.Net;
using System.Text.Json;
using System.Threading.Channels;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Informers;
using AttentionOperator.Notifications;
using AttentionOperator.Observation;
using AttentionOperator.Reconciliation;
using Microsoft.Extensions.Logging.Abstractions;

namespace AttentionOperator.Tests.Notifications;

public sealed class RolloutNotifierTests
{
    [Fact]
    public async Task Decisions_are_posted_as_cloud_events_with_the_numbers()
    {
        using var receiver = new Receiver();
        using var http = new HttpClient(receiver);
        var notifier = new RolloutNotifier(new NotificationTargets(new Uri("http://127.0.0.1/hook"), null), http, TimeProvider.System, NullLogger<RolloutNotifier>.Instance);
        var model = new KubeObjectCodec(ResourceKinds.Model).Decode("""{"metadata":{"name":"chat","namespace":"demo","uid":"u","resourceVersion":"7"}}"""u8.ToArray());
        notifier.Notify(model, Chat, null, new PlannedEvent(EventType.Normal, "Serving", "not about a rollout"));
        var status = new AttentionModelStatus
        {
            StableRevision = "a",
            Rollout = new RolloutStatus { Weight = 0, Evidence = new RolloutEvidence { Objectives = [new ObjectiveEvidence { Name = "errors", Good = 160, Bad = 40 }] } },
        };
        notifier.Notify(model, Chat, status, new PlannedEvent(EventType.Warning, "SloViolated", "40 of 200"));

        using var end = new CancellationTokenSource();
        var running = notifier.RunAsync(end.Token);
        var (type, body) = await receiver.Posts.Reader.ReadAsync(TestContext.Current.CancellationToken);
        await end.CancelAsync();
        await running;

        Assert.Equal("application/cloudevents+json", type);
        var sent = JsonDocument.Parse(body).RootElement;
        Assert.Equal("1.0", sent.GetProperty("specversion").GetString());
        Assert.Equal("u/7/SloViolated", sent.GetProperty("id").GetString());
        Assert.Equal("io.attentionoperator.rollout.SloViolated", sent.GetProperty("type").GetString());
        Assert.Equal("/apis/attentionoperator.io/v1alpha1/namespaces/demo/attentionmodels/chat", sent.GetProperty("source").GetString());
        Assert.Equal("a", sent.GetProperty("data").GetProperty("stableRevision").GetString());
        Assert.Equal(40, sent.GetProperty("data").GetProperty("objectives")[0].GetProperty("bad").GetInt64());
    }

    [Theory]
    [InlineData("SloViolated", "quality", true)]
    [InlineData("BurnRateExceeded", "quality", true)]
    [InlineData("SloViolated", "errors", false)]
    [InlineData("EvaluationFailed", null, true)]
    [InlineData("Aborted", null, false)]
    public async Task Retraining_is_asked_for_when_quality_condemned_the_revision(string reason, string? objective, bool asked)
    {
        using var receiver = new Receiver();
        using var http = new HttpClient(receiver);
        var notifier = new RolloutNotifier(new NotificationTargets(null, new Uri("http://127.0.0.1/retrain")), http, TimeProvider.System, NullLogger<RolloutNotifier>.Instance);
        var model = new KubeObjectCodec(ResourceKinds.Model).Decode("""{"metadata":{"name":"chat","namespace":"demo","uid":"u","resourceVersion":"7"}}"""u8.ToArray());
        var status = new AttentionModelStatus { Rejected = [new RejectedRevision { Hash = "b", Reason = reason, Message = "numbers", Objectives = objective is null ? null : [objective] }] };
        notifier.Notify(model, Chat, status, new PlannedEvent(EventType.Warning, reason, "numbers"));
        notifier.Notify(model, Chat, status with { Rejected = null }, new PlannedEvent(EventType.Normal, "Retried", "again"));
        // What stays in the queue is told from what was never put there by one that certainly is.
        notifier.Notify(model, Chat, status with { Rejected = [new RejectedRevision { Hash = "last", Reason = "EvaluationFailed" }] }, new PlannedEvent(EventType.Warning, "EvaluationFailed", "last"));

        using var end = new CancellationTokenSource();
        var running = notifier.RunAsync(end.Token);
        var first = JsonDocument.Parse((await receiver.Posts.Reader.ReadAsync(TestContext.Current.CancellationToken)).Body).RootElement;
        await end.CancelAsync();
        await running;
        Assert.Equal("io.attentionoperator.retrain.requested", first.GetProperty("type").GetString());
        Assert.Equal("pvc://models/v2", first.GetProperty("data").GetProperty("modelUri").GetString());
        Assert.Equal(asked ? "b" : "last", first.GetProperty("data").GetProperty("rejected")[0].GetProperty("hash").GetString());
    }

    private static AttentionModel Chat => new()
    {
        Spec = new AttentionModelSpec
        {
            Model = new ModelSource { Uri = "pvc://models/v2" },
            Slo = new SloSpec { Objectives = [new ObjectiveSpec { Name = "errors", Type = ObjectiveType.Errors, Target = "99" }, new ObjectiveSpec { Name = "quality", Type = ObjectiveType.Quality, Target = "90" }] },
        },
    };

    private sealed class Receiver : HttpMessageHandler
    {
        public Channel<(string? Type, string Body)> Posts { get; } = Channel.CreateUnbounded<(string?, string)>();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Posts.Writer.TryWrite((request.Content!.Headers.ContentType?.MediaType, await request.Content.ReadAsStringAsync(cancellationToken)));
            return new HttpResponseMessage(HttpStatusCode.Accepted);
        }
    }
}
