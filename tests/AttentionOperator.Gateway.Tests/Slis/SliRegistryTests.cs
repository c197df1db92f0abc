using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Gateway.Metrics;
using AttentionOperator.Gateway.Slis;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Gateway.Tests.Slis;

public sealed class SliRegistryTests
{
    private static readonly ObjectKey Model = new("ns", "m");
    private readonly SliRegistry _registry = new(TimeProvider.System);

    [Theory]
    [InlineData(false, 200, 50, 10, true, true, true)]
    [InlineData(false, 900, 50, 10, true, false, true)]
    [InlineData(false, 900, 500, 2, true, false, false)]
    [InlineData(true, 10, 5, 10, false, false, false)]
    public void OneRequest_CountsForEveryObjective(bool failed, int duration, int first, int tokens, bool errors, bool latency, bool ttft)
    {
        _registry.Configure(Model, Slo(), exists: true);
        _registry.For(Model).Revision("r").Begin();
        _registry.For(Model).Revision("r").End(new RequestOutcome(failed, TimeSpan.FromMilliseconds(duration), TimeSpan.FromMilliseconds(first), 3, tokens));
        var sli = Assert.Single(Assert.Single(_registry.Snapshot().Models).Revisions);
        Assert.Equal((1L, failed ? 1L : 0L, 0L), (sli.Requests, sli.Errors, sli.InFlight));
        Assert.Equal([errors, latency, ttft], sli.Objectives.Select(o => o.Good == 1));
        Assert.All(sli.Objectives, o => Assert.Equal(1, o.Good + o.Bad));
    }

    [Fact]
    public void AnAnswerThatIsNoStream_SaysNothingAboutTimeToFirstToken()
    {
        _registry.Configure(Model, Slo(), exists: true);
        _registry.For(Model).Revision("r").Begin();
        _registry.For(Model).Revision("r").End(new RequestOutcome(false, TimeSpan.FromMilliseconds(1)));
        Assert.Equal(0, Objective("ttft").Good + Objective("ttft").Bad);
    }

    [Fact]
    public void ARequestWithoutOutcome_LeavesOnlyTheGauge()
    {
        _registry.Configure(Model, Slo(), exists: true);
        _registry.For(Model).Revision("r").Begin();
        Assert.Equal(1, Revision().InFlight);
        _registry.For(Model).Revision("r").End(null);
        Assert.Equal((0L, 0L), (Revision().InFlight, Revision().Requests));
    }

    [Fact]
    public void AChangedObjective_StartsAgain_AndTheOthersGoOn()
    {
        _registry.Configure(Model, Slo(), exists: true);
        var counters = _registry.For(Model).Revision("r");
        counters.Begin();
        _registry.For(Model).Revision("r").Begin();
        counters.End(new RequestOutcome(false, TimeSpan.FromMilliseconds(1), TimeSpan.Zero));
        _registry.Configure(Model, Slo("600ms"), exists: true);
        Assert.Equal((1L, 0L, 1L), (Objective("errors").Good, Objective("latency").Good, Objective("ttft").Good));
        // A request that began under the old objectives still ends exactly once.
        _registry.For(Model).Revision("r").End(new RequestOutcome(false, TimeSpan.FromMilliseconds(1), TimeSpan.Zero));
        Assert.Equal((0L, 2L, 1L), (Revision().InFlight, Revision().Requests, Objective("latency").Good));
    }

    [Fact]
    public void Retain_ForgetsIdleRevisionsOnly()
    {
        _registry.Configure(Model, Slo(), exists: true);
        _registry.For(Model).Revision("busy").Begin();
        _registry.For(Model).Revision("idle");
        _registry.For(Model).Retain(new HashSet<string>());
        Assert.Equal("busy", Revision().Revision);
    }

    [Fact]
    public async Task Prometheus_SaysTheSame_AndRestartsWithTheCounters()
    {
        var prometheus = Prometheus.Metrics.NewCustomRegistry();
        _ = new ObjectiveMetrics(prometheus, _registry);
        _registry.Configure(Model, Slo(), exists: true);
        for (var i = 0; i < 2; i++)
        {
            _registry.For(Model).Revision("r").Begin();
            _registry.For(Model).Revision("r").End(new RequestOutcome(false, TimeSpan.FromMilliseconds(900)));
        }

        Assert.Contains("attention_gateway_objective_requests_total{model_namespace=\"ns\",model=\"m\",revision=\"r\",objective=\"latency\",result=\"bad\"} 2", await Scrape(), StringComparison.Ordinal);
        _registry.Configure(Model, Slo("2s"), exists: true);
        Assert.Contains("objective=\"latency\",result=\"bad\"} 0", await Scrape(), StringComparison.Ordinal);
        Assert.Contains("objective=\"errors\",result=\"good\"} 2", await Scrape(), StringComparison.Ordinal);
        _registry.Configure(Model, null, exists: false);
        Assert.DoesNotContain("objective=", await Scrape(), StringComparison.Ordinal);

        async Task<string> Scrape()
        {
            using var text = new MemoryStream();
            await prometheus.CollectAndExportAsTextAsync(text);
            return System.Text.Encoding.UTF8.GetString(text.ToArray());
        }
    }

    private static SloSpec Slo(string latency = "500ms") => new()
    {
        Objectives =
        [
            new ObjectiveSpec { Name = "errors", Type = ObjectiveType.Errors, Target = "99.9" },
            new ObjectiveSpec { Name = "latency", Type = ObjectiveType.Latency, Target = "95", Threshold = latency },
            new ObjectiveSpec { Name = "ttft", Type = ObjectiveType.TimeToFirstToken, Target = "95", Threshold = "100ms" },
        ],
    };

    private Api.Sli.RevisionSli Revision() => Assert.Single(Assert.Single(_registry.Snapshot().Models).Revisions);

    private Api.Sli.ObjectiveSli Objective(string name) => Revision().Objectives.Single(o => o.Name == name);
}
