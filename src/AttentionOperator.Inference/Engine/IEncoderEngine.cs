using AttentionOperator.Inference.Execution;

namespace AttentionOperator.Inference.Engine;

/// <summary>Token-budget packing of encoder requests: no timer, no padding.</summary>
public interface IEncoderEngine : IAsyncDisposable
{
    /// <summary>Queues the sequence and returns its vector. Refusal throws <see cref="RequestRefusedException"/>.</summary>
    ValueTask<float[]> RunAsync(EncoderRequest request, CancellationToken cancellationToken = default);

    EngineStatistics Statistics { get; }
}

public sealed record EncoderRequest
{
    public required string Id { get; init; }

    public required int[] TokenIds { get; init; }

    /// <summary>Segment ids; empty = all 0.</summary>
    public int[] TypeIds { get; init; } = [];

    public EncoderOutput Output { get; init; } = EncoderOutput.Embedding;

    public PriorityClass Priority { get; init; } = PriorityClass.Standard;

    public DateTimeOffset? Deadline { get; init; }
}
