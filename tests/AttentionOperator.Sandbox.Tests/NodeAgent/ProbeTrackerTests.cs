using AttentionOperator.Sandbox.NodeAgent.Probes;
using CsCheck;

namespace AttentionOperator.Sandbox.Tests.NodeAgent;

public sealed class ProbeTrackerTests
{
    [Theory]
    [InlineData("+", 1, 3, true)]
    [InlineData("-", 1, 3, null)]
    [InlineData("---", 1, 3, false)]
    [InlineData("+--", 1, 3, true)]
    [InlineData("+---", 1, 3, false)]
    [InlineData("---+", 2, 3, false)]
    [InlineData("---++", 2, 3, true)]
    [InlineData("--+--+--", 1, 3, true)]
    public void Observe_ChangesTheVerdictOnlyAtTheThreshold(string results, int success, int failure, bool? expected)
    {
        var tracker = results.Aggregate(default(ProbeTracker), (t, r) => t.Observe(r == '+', success, failure));

        Assert.Equal(expected, tracker.Verdict);
    }

    [Fact]
    public void Observe_ForAnyResults_TheVerdictIsTheLastLongEnoughRun() =>
        Gen.Select(Gen.Bool.List[0, 60], Gen.Int[1, 4], Gen.Int[1, 4]).Sample((results, success, failure) =>
        {
            var tracker = results.Aggregate(default(ProbeTracker), (t, r) => t.Observe(r, success, failure));
            bool? expected = null;
            for (var i = 0; i < results.Count; i++)
            {
                var threshold = results[i] ? success : failure;
                if (i + 1 >= threshold && results.Skip(i + 1 - threshold).Take(threshold).All(r => r == results[i]))
                {
                    expected = results[i];
                }
            }

            Assert.Equal(expected, tracker.Verdict);
        });
}
