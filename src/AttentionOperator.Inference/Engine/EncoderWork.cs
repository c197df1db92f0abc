using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Scheduling;

namespace AttentionOperator.Inference.Engine;

/// <summary>One accepted sequence of an encoder.</summary>
internal sealed class EncoderWork : QueueEntry
{
    // Callers must not run on the engine's thread.
    private readonly TaskCompletionSource<float[]> result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public required int[] TokenIds { get; init; }

    public required int[] TypeIds { get; init; }

    public required EncoderOutput Output { get; init; }

    public override int WaitingTokens => TokenIds.Length;

    public Task<float[]> Result => result.Task;

    public void Complete(float[] vector) => result.TrySetResult(vector);

    public void Fail(Exception exception) => result.TrySetException(exception);

    public void Cancel(CancellationToken token) => result.TrySetCanceled(token);
}
