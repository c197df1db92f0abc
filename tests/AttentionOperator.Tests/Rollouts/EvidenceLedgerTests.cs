using AttentionOperator.Api.Sli;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Rollouts;
using AttentionOperator.Slo;
using CsCheck;

namespace AttentionOperator.Tests.Rollouts;

public sealed class EvidenceLedgerTests
{
    private static readonly DateTime Start = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);
    private static readonly SloSpec Slo = RolloutWorld.Errors();

    [Fact]
    public void What_was_counted_before_does_not_count() =>
        Assert.Equal((10, 1), Total(EvidenceLedger.Add(Begin(Gateway("x", 100, 7)), Slo, Seen(Gateway("x", 110, 8)))));

    [Fact]
    public void Restarted_gateway_loses_nothing_that_was_read()
    {
        var evidence = EvidenceLedger.Add(Begin(Gateway("x", 0, 0)), Slo, Seen(Gateway("x", 50, 5)));
        evidence = EvidenceLedger.Add(evidence, Slo, Seen(Gateway("y", 3, 1, started: 10)));
        evidence = EvidenceLedger.Add(evidence, Slo, Seen(Gateway("y", 4, 1, started: 10)));
        Assert.Equal((54, 6), Total(evidence));
    }

    [Fact]
    public void Counter_that_went_back_started_again() =>
        Assert.Equal((53, 5), Total(EvidenceLedger.Add(EvidenceLedger.Add(Begin(Gateway("x", 0, 0)), Slo, Seen(Gateway("x", 50, 5))), Slo, Seen(Gateway("x", 3, 0)))));

    [Fact]
    public void Older_gateway_that_was_not_seen_is_counted_from_now_on()
    {
        var evidence = EvidenceLedger.Add(EvidenceLedger.Begin(Start, "b", "a", Slo, null), Slo, Seen(Gateway("x", 900, 90, started: -60)));
        Assert.Equal((0, 0), Total(evidence));
        Assert.Equal((1, 0), Total(EvidenceLedger.Add(evidence, Slo, Seen(Gateway("x", 901, 90, started: -60)))));
    }

    [Fact]
    public void Changed_objective_starts_again()
    {
        var evidence = EvidenceLedger.Add(Begin(Gateway("x", 0, 0)), Slo, Seen(Gateway("x", 50, 5)));
        var changed = new SloSpec { Objectives = [new ObjectiveSpec { Name = "errors", Type = ObjectiveType.Latency, Threshold = "1s", Target = "95" }] };
        Assert.Equal((0, 0), Total(EvidenceLedger.Add(evidence, changed, Seen(Gateway("x", 60, 6)))));
    }

    [Fact]
    public void Sum_is_the_same_however_often_it_is_taken() =>
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 3], Gen.Bool).List[0, 40].Sample(steps =>
        {
            var evidence = Begin(Gateway("x", 5, 5));
            var (good, bad) = (5, 5);
            foreach (var (more, worse, looks) in steps)
            {
                (good, bad) = (good + more, bad + worse);
                if (looks)
                {
                    evidence = EvidenceLedger.Add(evidence, Slo, Seen(Gateway("x", good, bad)));
                }
            }

            Assert.Equal((good - 5, bad - 5), Total(EvidenceLedger.Add(evidence, Slo, Seen(Gateway("x", good, bad)))));
        });

    [Fact]
    public void Samples_thin_out_with_age_and_reach_back()
    {
        const int End = (72 * 3600) - 15;
        var evidence = Begin();
        for (var second = 0; second <= End; second += 15)
        {
            evidence = RolloutJudge.Sample(evidence, Start.AddSeconds(second));
        }

        var begin = new DateTimeOffset(Start, TimeSpan.Zero).ToUnixTimeSeconds();
        var ages = evidence.Samples!.Select(sample => End - (sample.At - begin)).ToList();
        Assert.InRange(ages.Count, 20, 120);
        Assert.Equal(End, ages[0]);
        foreach (var window in BurnRateWindow.Google30Days)
        {
            Assert.Contains(ages, age => age >= window.Short.TotalSeconds && age <= window.Short.TotalSeconds * 1.4);
        }
    }

    private static RolloutEvidence Begin(params GatewayCounters[] gateways) => EvidenceLedger.Begin(Start, "b", "a", Slo, Seen(gateways));

    private static (long Good, long Bad) Total(RolloutEvidence evidence) => (evidence.Objectives![0].Good, evidence.Objectives[0].Bad);

    private static SliObservation Seen(params GatewayCounters[] gateways) => new(gateways, true);

    private static GatewayCounters Gateway(string instance, long good, long bad, int started = -3600) => new(instance, new DateTimeOffset(Start, TimeSpan.Zero).AddSeconds(started),
        [new RevisionSli { Revision = "b", Objectives = [new ObjectiveSli { Name = "errors", Definition = "Errors/0ms", Good = good, Bad = bad }] }]);
}
