using AttentionOperator.Gateway.Routing;
using CsCheck;

namespace AttentionOperator.Gateway.Tests.Routing;

public sealed class WeightedSequenceTests
{
    [Fact]
    public void EveryFullTurn_IsExact_AndNeverMoreThanOneOff() =>
        Gen.Int[0, 100].List[1, 5].Where(w => w.Sum() > 0).Sample(weights =>
        {
            var sequence = new WeightedSequence(weights);
            var dealt = new int[weights.Count];
            var total = weights.Sum();
            for (var n = 1; n <= total * 2; n++)
            {
                dealt[sequence.Next()]++;
                for (var i = 0; i < dealt.Length; i++) Assert.True(Math.Abs(dealt[i] - ((double)n * weights[i] / total)) < weights.Count);
            }

            Assert.Equal(weights.Select(w => 2 * w), dealt);
        });

    [Fact]
    public void ConcurrentCallers_ShareOneSequence()
    {
        var sequence = new WeightedSequence([95, 5]);
        var second = 0;
        Parallel.For(0, 10_000, _ =>
        {
            if (sequence.Next() == 1) Interlocked.Increment(ref second);
        });
        Assert.Equal(500, second);
    }

    [Fact]
    public void NoWeightAtAll_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => new WeightedSequence([0, 0]));
}
