using AttentionOperator.Inference.Probes;

namespace AttentionOperator.Inference.Tests.Probes;

public sealed class DriftDetectorTests
{
    private const double Alpha = 1e-4;

    [Fact]
    public void Without_a_change_there_is_no_alarm_in_ten_thousand_windows()
    {
        // 100 detectors, each with a reference of its own, 100 windows each.
        var random = new Random(1);
        var alarms = 0;
        for (var i = 0; i < 100; i++)
        {
            var detector = new DriftDetector(1000, 500, Alpha);
            for (var k = 0; k < 1000 + (100 * 500); k++) detector.Add(Value(random, 0));
            if (detector.State!.Value.Drifting) alarms++;
        }

        Assert.Equal(0, alarms);
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(-0.05)]
    [InlineData(0.2)]
    public void A_shift_is_found_within_three_windows_and_its_end_within_one(double shift)
    {
        var random = new Random(2);
        for (var i = 0; i < 20; i++)
        {
            var detector = new DriftDetector(1000, 500, Alpha);
            for (var k = 0; k < 3000; k++) detector.Add(Value(random, 0));
            Assert.False(detector.State!.Value.Drifting);
            for (var k = 0; k < 1500; k++) detector.Add(Value(random, shift));
            Assert.True(detector.State!.Value.Drifting, $"score {detector.State.Value.Score}, threshold {detector.State.Value.Threshold}");
            for (var k = 0; k < 500; k++) detector.Add(Value(random, 0));
            Assert.False(detector.State!.Value.Drifting);
        }
    }

    [Fact]
    public void Too_little_data_and_numbers_that_are_none_say_nothing()
    {
        var detector = new DriftDetector(10, 5, Alpha);
        for (var i = 0; i < 14; i++) detector.Add(i);
        detector.Add(double.NaN);
        Assert.Null(detector.State);
        detector.Add(1);
        Assert.NotNull(detector.State);
    }

    [Theory]
    [InlineData(9, 0.05, 16.919)]
    [InlineData(9, 0.001, 27.877)]
    [InlineData(29, 0.001, 58.301)]
    public void The_quantile_is_the_tables(int degrees, double alpha, double expected) =>
        Assert.Equal(expected, PopulationStability.ChiSquare(degrees, alpha), expected * 0.01);

    /// <summary>Bell-shaped around 0.5, like entropies.</summary>
    private static double Value(Random random, double shift) => 0.5 + shift + ((random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) / 5);
}
