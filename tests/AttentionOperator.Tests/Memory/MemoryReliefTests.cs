using AttentionOperator.Api.Revisions;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Memory;
using CsCheck;

namespace AttentionOperator.Tests.Memory;

public sealed class MemoryReliefTests
{
    private static readonly DateTime Noon = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);
    private static readonly RevisionSnapshot Chat = new() { Limits = new LimitsSpec { MaxBatchTokens = 2048 } };

    [Fact]
    public void The_budget_is_halved_once_per_end_under_it_and_no_further_than_two_steps()
    {
        var first = MemoryRelief.Next(null, "r", Chat, [Ended(1, null)]);
        Assert.Equal((1024, 1, "OutOfMemory", "pod 1"), (first!.MaxBatchTokens, first.Steps, first.Reason, first.Message));
        Assert.Same(first, MemoryRelief.Next(first, "r", Chat, [Ended(1, null), Ended(2, null), Ended(3, 2048)]));
        var second = MemoryRelief.Next(first, "r", Chat, [Ended(3, null), Ended(4, 1024)]);
        Assert.Equal((512, 2, "pod 4"), (second!.MaxBatchTokens, second.Steps, second.Message));
        var third = MemoryRelief.Next(second, "r", Chat, [Ended(9, 512)]);
        Assert.Equal((512, 2, "pod 9"), (third!.MaxBatchTokens, third.Steps, third.Message));
        Assert.Same(third, MemoryRelief.Next(third, "r", Chat, [Ended(9, 512)]));
    }

    [Fact]
    public void Nothing_is_lowered_where_memory_did_not_run_out() => Assert.Null(MemoryRelief.Next(null, "r", Chat, []));

    [Fact]
    public void An_encoder_keeps_what_an_input_needs()
    {
        var encoder = Chat with { Task = ModelTask.Embed, Limits = Chat.Limits with { MaxInputTokens = 1500 } };
        Assert.Equal(1500, MemoryRelief.Next(null, "r", encoder, [Ended(1, null)])!.MaxBatchTokens);
        var unbounded = Chat with { Task = ModelTask.Classify };
        var relief = MemoryRelief.Next(null, "r", unbounded, [Ended(1, null)])!;
        Assert.Equal((2048, 0), (relief.MaxBatchTokens, relief.Steps));
        Assert.Contains("cannot be lowered", MemoryRelief.Describe(relief, 2048), StringComparison.Ordinal);
    }

    [Fact]
    public void However_often_memory_runs_out_the_budget_stays_bounded_and_never_rises() => Gen.Select(Gen.Int[16, 5000], Gen.Int[1, 30].Array[0, 12]).Sample((configured, ends) =>
    {
        var snapshot = Chat with { Limits = Chat.Limits with { MaxBatchTokens = configured } };
        MemoryReliefStatus? relief = null;
        var minute = 0;
        foreach (var passed in ends)
        {
            minute += passed;
            var before = relief?.MaxBatchTokens ?? configured;
            relief = MemoryRelief.Next(relief, "r", snapshot, [Ended(minute, relief?.MaxBatchTokens)]);
            Assert.InRange(relief!.MaxBatchTokens, Math.Min(256, configured), before);
            Assert.InRange(relief.Steps, 0, MemoryRelief.MaxSteps);
            Assert.Equal(relief.MaxBatchTokens, MemoryRelief.Apply(snapshot, relief).Limits.MaxBatchTokens);
        }
    });

    private static MemoryExhaustion Ended(int minute, int? budget) => new("OutOfMemory", $"pod {minute}", Noon.AddMinutes(minute), budget);
}
