using AttentionOperator.Api.Runtime;
using AttentionOperator.Inference.Engine;
using AttentionOperator.Runtime.Startup;

namespace AttentionOperator.Runtime.Tests;

public sealed class StepJournalTests
{
    [Fact]
    public void The_step_that_is_computed_lies_in_the_file_until_an_orderly_end()
    {
        var path = Path.GetTempFileName();
        try
        {
            using (var journal = StepJournal.Open(path))
            {
                journal.Begin(new StepOutline(int.MaxValue, int.MaxValue, int.MaxValue));
                Assert.Equal(new LastStep(int.MaxValue, int.MaxValue, int.MaxValue), LastStep.Parse(File.ReadAllText(path)));
                journal.Begin(new StepOutline(3, 2, 1));
                Assert.Equal(new LastStep(3, 2, 1), LastStep.Parse(File.ReadAllText(path)));
                Assert.Null(TerminationMessage.Parse(File.ReadAllText(path)));
            }

            Assert.Equal("", File.ReadAllText(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Outside_of_a_pod_nothing_is_kept()
    {
        using var journal = StepJournal.Open("/nowhere/termination-log");
        journal.Begin(new StepOutline(1, 1, 1));
    }
}
