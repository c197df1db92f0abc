using System.Net;
using System.Text.Json;
using AttentionOperator.Api.Sli;
using AttentionOperator.Demand;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Observation;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AttentionOperator.Tests.Demand;

public sealed class DemandReaderTests : IDisposable
{
    private static readonly ObjectKey Model = new("default", "chat");
    private readonly FakeTimeProvider time = new();
    private readonly Answers answers = new();
    private readonly Dictionary<Uri, bool> gateways = new() { [new("http://one/slis")] = true, [new("http://two/slis")] = true };
    private readonly List<ObservedPod> pods = [];

    [Fact]
    public async Task Gateways_are_summed_and_read_once_for_all_who_ask()
    {
        answers["http://one/slis"] = Snapshot(3, 2);
        answers["http://two/slis"] = Snapshot(1, 5);
        var reader = Reader();
        var demands = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => reader.ReadAsync(Model, false, default)));
        Assert.All(demands, demand => Assert.Equal((true, 4, 7), (demand.IsComplete, demand.Queued, demand.Running)));
        Assert.Equal(2, answers.Asked);
        Assert.Equal(new DateTimeOffset(2026, 5, 1, 8, 0, 10, TimeSpan.Zero), demands[0].LastActivity);
    }

    [Fact]
    public async Task A_gateway_that_is_silent_is_remembered_for_a_moment_then_the_demand_is_incomplete()
    {
        answers["http://one/slis"] = Snapshot(3, 2);
        answers["http://two/slis"] = Snapshot(1, 5);
        var reader = Reader();
        await reader.ReadAsync(Model, false, default);
        answers["http://two/slis"] = null;
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal((true, 4), Seen(await reader.ReadAsync(Model, false, default)));
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal((false, 3), Seen(await reader.ReadAsync(Model, false, default)));

        // One that clients are not sent to any more is not waited for.
        gateways[new("http://two/slis")] = false;
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((true, 3), Seen(await reader.ReadAsync(Model, false, default)));
    }

    [Fact]
    public async Task Without_a_gateway_nothing_is_known()
    {
        gateways.Clear();
        Assert.False((await Reader().ReadAsync(Model, false, default)).IsComplete);
    }

    [Fact]
    public async Task Replicas_are_asked_and_a_silent_one_is_said_to_be()
    {
        answers["http://one/slis"] = answers["http://two/slis"] = Snapshot(0, 0);
        pods.Add(new ObservedPod(new ObjectKey("default", "a-1"), "a", "10.0.0.1", true, false, null));
        pods.Add(new ObservedPod(new ObjectKey("default", "a-2"), "a", "10.0.0.2", true, false, null));
        pods.Add(new ObservedPod(new ObjectKey("default", "a-3"), "a", "10.0.0.3", false, false, null));
        answers["http://10.0.0.1:8000/metrics"] = "attention_requests_in_flight 4\n";
        var demand = await Reader().ReadAsync(Model, true, default);
        Assert.False(demand.HasAllPods);
        Assert.Equal([("a-1", true, 4), ("a-2", false, 0)], demand.Pods!.Select(pod => (pod.Pod, pod.IsKnown, pod.InFlight)));
    }

    public void Dispose() => answers.Dispose();

    private static (bool, long) Seen(ModelDemand demand) => (demand.IsComplete, demand.Queued);

    private static string Snapshot(long queued, long running) => JsonSerializer.Serialize(
        new SliSnapshot
        {
            Instance = Guid.NewGuid().ToString(),
            StartedAt = new DateTimeOffset(2026, 5, 1, 8, 0, 0, TimeSpan.Zero),
            Models =
            [
                new ModelSli
                {
                    Namespace = "default",
                    Name = "chat",
                    Queued = queued,
                    LastRequestAt = new DateTimeOffset(2026, 5, 1, 8, 0, 10, TimeSpan.Zero).ToUnixTimeSeconds(),
                    Revisions = [new RevisionSli { Revision = "a", InFlight = running, Queued = queued }],
                },
            ],
        },
        JsonSerializerOptions.Web);

    private DemandReader Reader() => new(() => gateways, _ => pods, new HttpClient(answers), time, NullLogger<DemandReader>.Instance);

    private sealed class Answers : HttpMessageHandler
    {
        private readonly Dictionary<string, string?> texts = [];
        private int asked;

        public int Asked => asked;

        public string? this[string address]
        {
            set => texts[address] = value;
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref asked);
            return texts.GetValueOrDefault(request.RequestUri!.ToString()) is { } text
                ? Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(text) })
                : Task.FromException<HttpResponseMessage>(new HttpRequestException("refused"));
        }
    }
}
