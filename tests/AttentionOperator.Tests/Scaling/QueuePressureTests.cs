using AttentionOperator.Demand;
using AttentionOperator.Scaling;

namespace AttentionOperator.Tests.Scaling;

public sealed class QueuePressureTests
{
    private static readonly DateTimeOffset Start = new(2026, 5, 1, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_queue_that_lasts_asks_for_replicas_and_is_remembered_for_a_minute()
    {
        var pressure = Feed(QueuePressure.None, Start, 10, canary: 9);
        Assert.Equal(new Dictionary<string, int> { ["canary"] = 3 }, pressure.Wanted(4));
        pressure = Feed(pressure, Start.AddSeconds(10), 40, canary: 0);
        Assert.Equal(3, pressure.Wanted(4)["canary"]);
        pressure = Feed(pressure, Start.AddSeconds(50), 40, canary: 0);
        Assert.Empty(pressure.Wanted(4));
    }

    [Fact]
    public void One_look_asks_for_nothing() => Assert.Empty(Feed(QueuePressure.None, Start, 1, canary: 100).Wanted(4));

    [Fact]
    public void What_is_not_known_changes_nothing()
    {
        var pressure = Feed(QueuePressure.None, Start, 10, canary: 9);
        Assert.Equal(3, pressure.With(ModelDemand.Unknown, Start.AddSeconds(11)).Wanted(4)["canary"]);
    }

    private static QueuePressure Feed(QueuePressure pressure, DateTimeOffset from, int seconds, long canary)
    {
        for (var second = 0; second < seconds; second++)
        {
            pressure = pressure.With(new ModelDemand { IsComplete = true, Queued = canary, Revisions = [new RevisionDemand("stable", 0, 8, 0), new RevisionDemand("canary", canary, 4, 0)] }, from.AddSeconds(second));
        }

        return pressure;
    }
}
