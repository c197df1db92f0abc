using AttentionOperator.Sandbox.NodeAgent.Containers;
using CsCheck;

namespace AttentionOperator.Sandbox.Tests.NodeAgent;

public sealed class RestartBackoffTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void AfterExit_OfAContainerThatFailsAtOnce_DoublesUpToFiveMinutes()
    {
        var waits = new List<double>();
        var backoff = default(RestartBackoff);
        var now = Start;
        for (var i = 0; i < 9; i++)
        {
            (var wait, backoff) = backoff.AfterExit(now);
            waits.Add(wait.TotalSeconds);
            now += wait + TimeSpan.FromSeconds(1);
        }

        Assert.Equal([0, 10, 20, 40, 80, 160, 300, 300, 300], waits);
    }

    [Fact]
    public void AfterExit_WhenTheContainerRanForTenMinutes_BeginsAnew()
    {
        var (_, first) = default(RestartBackoff).AfterExit(Start);
        var (_, second) = first.AfterExit(Start.AddSeconds(1));

        var (wait, _) = second.AfterExit(Start.AddMinutes(12));

        Assert.Equal(TimeSpan.Zero, wait);
    }

    [Fact]
    public void AfterExit_ForAnySequenceOfExits_StaysWithinItsBounds() =>
        Gen.Int[0, 2000].List[1, 40].Sample(gaps =>
        {
            var backoff = default(RestartBackoff);
            var now = Start;
            foreach (var gap in gaps)
            {
                now += TimeSpan.FromSeconds(gap);
                (var wait, backoff) = backoff.AfterExit(now);
                Assert.InRange(wait, TimeSpan.Zero, RestartBackoff.Maximum);
                now += wait;
            }
        });

    [Theory]
    [InlineData("Always", null, false, 0, true)]
    [InlineData("Always", null, false, 1, true)]
    [InlineData("OnFailure", null, false, 0, false)]
    [InlineData("OnFailure", null, false, 1, true)]
    [InlineData("Never", null, false, 1, false)]
    [InlineData(null, null, false, 0, true)]
    [InlineData("Always", null, true, 0, false)]
    [InlineData("Always", null, true, 1, true)]
    [InlineData("Never", null, true, 1, false)]
    [InlineData("Never", "Always", true, 1, true)]
    public void Restarts_FollowsThePolicy(string? pod, string? container, bool isInit, int exitCode, bool expected) =>
        Assert.Equal(expected, RestartRule.Restarts(pod, container, isInit, exitCode));
}
