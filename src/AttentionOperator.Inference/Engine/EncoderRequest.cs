using AttentionOperator.Inference.Execution;

namespace AttentionOperator.Inference.Engine;

/// <summary>One sequence for an encoder.</summary>
public sealed record EncoderRequest
{
    public required string Id { get; init; }

    public required int[] TokenIds { get; init; }

    /// <summary>Segment ids; empty = all 0.</summary>
    public int[] TypeIds { get; init; } = [];

    public EncoderOutput Output { get; init; } = EncoderOutput.Embedding;

    public PriorityClass Priority { get; init; } = PriorityClass.Standard;

    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Place in the queue that was taken before; null = one is taken now.</summary>
    public AdmissionTicket? Ticket { get; init; }
}
