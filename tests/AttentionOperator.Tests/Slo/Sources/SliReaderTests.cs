using System.Text.Json;
using AttentionOperator.Api.Sli;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Kube.Objects;
using AttentionOperator.Slo.Sources;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AttentionOperator.Tests.Slo.Sources;

public sealed class SliReaderTests : IDisposable
{
    private static readonly Uri First = new("http://127.0.0.1:8081/slis");
    private static readonly Uri Second = new("http://127.0.0.2:8081/slis");

    private readonly FakeTimeProvider time = new();
    private readonly Dictionary<Uri, string?> answers = [];
    private readonly ScriptedHandler handler;
    private readonly HttpClient http;
    private readonly SliReader reader;

    public SliReaderTests()
    {
        handler = new ScriptedHandler(address => answers.GetValueOrDefault(address));
        http = new HttpClient(handler);
        reader = new SliReader(
            new GatewaySliReader(() => [First, Second], http, time, NullLogger<GatewaySliReader>.Instance),
            new PrometheusSliReader(http, time, NullLogger<PrometheusSliReader>.Instance),
            time,
            NullLogger<SliReader>.Instance);
    }

    public void Dispose()
    {
        http.Dispose();
        handler.Dispose();
    }

    [Fact]
    public async Task Nothing_is_read_while_nothing_is_rolled_out()
    {
        Assert.Null(reader.Observe(Model(RolloutPhase.Completed)));
        await reader.TickAsync(default);
        Assert.Empty(handler.Asked);
    }

    [Fact]
    public async Task Every_gateway_is_read_and_one_that_fails_keeps_its_counts()
    {
        (answers[First], answers[Second]) = (Snapshot("x", 10), Snapshot("y", 5));
        Assert.Null(reader.Observe(Model(RolloutPhase.Progressing)));
        await reader.TickAsync(default);
        Assert.Equal([10L, 5L], Goods());
        (answers[First], answers[Second]) = (Snapshot("x", 12), null);
        await reader.TickAsync(default);
        Assert.Equal([12L, 5L], Goods());
        Assert.True(reader.Observe(Model(RolloutPhase.Progressing))!.IsFresh);

        answers[First] = "{ this is not JSON";
        time.Advance(TimeSpan.FromSeconds(11));
        await reader.TickAsync(default);
        Assert.Equal([12L, 5L], Goods());
        Assert.False(reader.Observe(Model(RolloutPhase.Progressing))!.IsFresh);
    }

    [Fact]
    public async Task Changes_are_told_and_only_they()
    {
        var changed = new List<ObjectKey>();
        reader.Changed += changed.Add;
        reader.Observe(Model(RolloutPhase.Baking));
        answers[First] = Snapshot("x", 10);
        await reader.TickAsync(default);
        Assert.Equal([new ObjectKey("demo", "chat")], changed);
        await reader.TickAsync(default);
        Assert.Single(changed);
        answers[First] = Snapshot("x", 11);
        await reader.TickAsync(default);
        Assert.Equal(2, changed.Count);
        reader.Observe(Model(RolloutPhase.RolledBack));
        answers[First] = Snapshot("x", 12);
        await reader.TickAsync(default);
        Assert.Equal(2, changed.Count);
    }

    [Fact]
    public async Task Prometheus_is_asked_for_raw_counters_and_not_too_often()
    {
        var model = Model(RolloutPhase.Progressing);
        model.Spec = model.Spec with { Slo = model.Spec.Slo! with { Source = SloSource.Prometheus, Prometheus = new PrometheusSpec { Url = "http://prometheus:9090/" } } };
        var address = new Uri("http://prometheus:9090/api/v1/query?query=" + Uri.EscapeDataString("attention_gateway_objective_requests_total{model_namespace=\"demo\",model=\"chat\"}"));
        answers[address] = """
            {"status":"success","data":{"resultType":"vector","result":[
              {"metric":{"pod":"gw-1","instance":"10.0.0.1:8081","revision":"b","objective":"errors","result":"good"},"value":[1,"90"]},
              {"metric":{"pod":"gw-1","instance":"10.0.0.1:8081","revision":"b","objective":"errors","result":"bad"},"value":[1,"7"]},
              {"metric":{"pod":"gw-2","instance":"10.0.0.2:8081","revision":"b","objective":"errors","result":"good"},"value":[1,"NaN"]},
              {"metric":{"pod":"gw-2","instance":"10.0.0.2:8081","revision":"a","objective":"errors","result":"good"},"value":[1,"800"]}]}}
            """;
        reader.Observe(model);
        await reader.TickAsync(default);
        await reader.TickAsync(default);
        Assert.Equal([address], handler.Asked);
        var observed = reader.Observe(model)!;
        Assert.True(observed.IsFresh);
        Assert.Equal(["gw-1/10.0.0.1:8081", "gw-2/10.0.0.2:8081"], observed.Gateways.Select(gateway => gateway.Instance));
        Assert.Equal((90, 7), (observed.Gateways[0].Of("b", "errors", "any").Good, observed.Gateways[0].Of("b", "errors", "any").Bad));
        Assert.Equal((0, 800), (observed.Gateways[1].Of("b", "errors", "any").Total, observed.Gateways[1].Of("a", "errors", "any").Good));

        // An empty vector, an error and a server that is gone all leave what was counted.
        foreach (var answer in (string?[])["""{"status":"success","data":{"resultType":"vector","result":[]}}""", """{"status":"error","error":"too many samples"}""", null])
        {
            answers[address] = answer;
            time.Advance(TimeSpan.FromSeconds(6));
            await reader.TickAsync(default);
            Assert.Equal(90, reader.Observe(model)!.Gateways[0].Of("b", "errors", "any").Good);
        }

        time.Advance(TimeSpan.FromMinutes(3));
        Assert.False(reader.Observe(model)!.IsFresh);
    }

    [Fact]
    public void Gateways_are_found_by_their_admin_port()
    {
        var slice = new V1EndpointSlice
        {
            AddressType = "IPv4",
            Ports = [new Discoveryv1EndpointPort { Name = "http", Port = 8080 }, new Discoveryv1EndpointPort { Name = "admin", Port = 8081 }],
            Endpoints = [new V1Endpoint { Addresses = ["127.0.0.1"] }, new V1Endpoint { Addresses = ["127.0.0.2"], Conditions = new V1EndpointConditions { Ready = false } }],
        };
        var without = new V1EndpointSlice { AddressType = "IPv4", Ports = [new Discoveryv1EndpointPort { Name = "http", Port = 8080 }], Endpoints = [new V1Endpoint { Addresses = ["127.0.0.3"] }] };
        Assert.Equal([First, Second], GatewayDirectory.AddressesOf([slice, without]).OrderBy(address => address.Host, StringComparer.Ordinal));
    }

    private IEnumerable<long> Goods() => reader.Observe(Model(RolloutPhase.Progressing))!.Gateways.Select(gateway => gateway.Of("b", "errors", "Errors/0ms").Good);

    private static AttentionModel Model(RolloutPhase phase) => new()
    {
        Metadata = new V1ObjectMeta { Name = "chat", NamespaceProperty = "demo" },
        Spec = new AttentionModelSpec { Slo = new SloSpec { Objectives = [new ObjectiveSpec { Name = "errors", Type = ObjectiveType.Errors, Target = "99" }] } },
        Status = new AttentionModelStatus { Rollout = new RolloutStatus { Phase = phase, Revision = "b" } },
    };

    private static string Snapshot(string instance, long good) => JsonSerializer.Serialize(
        new SliSnapshot
        {
            Instance = instance,
            StartedAt = DateTimeOffset.UnixEpoch,
            Models =
            [
                new ModelSli
                {
                    Namespace = "demo",
                    Name = "chat",
                    Revisions = [new RevisionSli { Revision = "b", Objectives = [new ObjectiveSli { Name = "errors", Definition = "Errors/0ms", Good = good }] }],
                },
            ],
        },
        JsonSerializerOptions.Web);
}
