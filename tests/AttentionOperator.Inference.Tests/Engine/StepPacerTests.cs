using AttentionOperator.Inference.Engine;

namespace AttentionOperator.Inference.Tests.Engine;

public sealed class StepPacerTests
{
    [Theory]
    [InlineData(2, 0.4, 2)]
    [InlineData(50, 5, 4)]
    [InlineData(10, 0.02, 225)]
    public void Lower_classes_may_add_about_half_the_time_of_a_step(double stepMilliseconds, double tokenMilliseconds, int atLeast)
    {
        var pacer = new StepPacer();
        Assert.Equal(int.MaxValue, pacer.LowerClassTokens);
        for (var i = 0; i < 50; i++)
        {
            pacer.Observe(3, TimeSpan.FromMilliseconds(stepMilliseconds));
            pacer.Observe(256, TimeSpan.FromMilliseconds(stepMilliseconds + (256 * tokenMilliseconds)));
        }

        Assert.InRange(pacer.LowerClassTokens, atLeast, Math.Max(2, (int)(stepMilliseconds / tokenMilliseconds * 0.55)));
    }
}
