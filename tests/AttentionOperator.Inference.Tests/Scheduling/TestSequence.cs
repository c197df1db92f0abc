using AttentionOperator.Inference.Engine;
using AttentionOperator.Inference.Scheduling;

namespace AttentionOperator.Inference.Tests.Scheduling;

internal sealed class TestSequence : Sequence
{
    public int OutputLeft { get; set; } = 1;

    public int StartedAt { get; set; } = -1;

    public static TestSequence Of(int[] tokens, PriorityClass priority = PriorityClass.Standard, long ticket = 0, DateTimeOffset arrived = default, int output = 1) => new()
    {
        Id = $"t{ticket}",
        Class = priority,
        ArrivedAt = arrived,
        Ticket = ticket,
        AdmissionCost = tokens.Length,
        Tokens = [.. tokens],
        OutputLeft = output,
    };
}
