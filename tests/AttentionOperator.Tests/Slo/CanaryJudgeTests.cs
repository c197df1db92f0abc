using AttentionOperator.Slo;

namespace AttentionOperator.Tests.Slo;

public sealed class CanaryJudgeTests
{
    private static readonly ObjectiveBudget Errors = new("errors", 0.001);
    private static readonly ObjectiveBudget Latency = new("latency", 0.05);

    [Theory]
    [InlineData(0, 0, 1000, 0, nameof(CanaryVerdict.Silent))]
    [InlineData(40, 10, 1000, 0, nameof(CanaryVerdict.Violating))]
    [InlineData(40, 10, 800, 200, nameof(CanaryVerdict.Ambient))]
    [InlineData(19, 0, 1000, 0, nameof(CanaryVerdict.Inconclusive))]
    [InlineData(100_000, 50, 1000, 0, nameof(CanaryVerdict.Healthy))]
    [InlineData(40, 10, 0, 0, nameof(CanaryVerdict.Violating))]
    public void OneObjective(long good, long bad, long stableGood, long stableBad, string verdict)
    {
        var judgement = CanaryJudge.Judge([(Errors, new(good, bad), new(stableGood, stableBad))], new JudgementOptions());
        Assert.Equal(verdict, judgement.Verdict.ToString());
    }

    [Fact]
    public void OneViolatedObjective_CondemnsDespiteAHealthyOne()
    {
        var judgement = CanaryJudge.Judge(
            [(Errors, new(100_000, 10), new(100_000, 10)), (Latency, new(50_000, 50_000), new(100_000, 100))],
            new JudgementOptions());
        Assert.Equal(CanaryVerdict.Violating, judgement.Verdict);
        Assert.StartsWith("latency: 50000 of 100000 canary requests bad (50", judgement.Explain(), StringComparison.Ordinal);
    }

    [Fact]
    public void FewRequests_AreNeverHealthy()
    {
        var judgement = CanaryJudge.Judge([(new("loose", 0.3), new(99, 0), default)], new JudgementOptions(MinRequests: 100));
        Assert.Equal(CanaryVerdict.Inconclusive, judgement.Verdict);
        judgement = CanaryJudge.Judge([(new("loose", 0.3), new(100, 0), default)], new JudgementOptions(MinRequests: 100));
        Assert.Equal(CanaryVerdict.Healthy, judgement.Verdict);
    }

    [Fact]
    public void ABoundBeyondOne_IsStillABound() => Assert.Equal(0.7, new ObjectiveBudget("loose", 0.4).Bound(3), 10);

    [Theory]
    [InlineData(100, 900, 100, 900, true)]
    [InlineData(0, 1000, 100, 900, false)]
    [InlineData(100, 900, 1, 9999, false)]
    [InlineData(0, 0, 0, 0, false)]
    public void BurnRateWindow_NeedsBothWindows(long shortBad, long shortGood, long longBad, long longGood, bool burns)
    {
        var window = new BurnRateWindow(TimeSpan.FromMinutes(5), TimeSpan.FromHours(1), 14.4);
        Assert.Equal(burns, window.Burns(Errors, new(shortGood, shortBad), new(longGood, longBad)));
    }
}
