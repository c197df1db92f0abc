using AttentionOperator.Inference.Engine;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Runtime.Metrics;

namespace AttentionOperator.Runtime.Serving;

/// <summary>Runs many sequences of one request through the encoder; they are packed with those of other requests.</summary>
internal sealed class EncoderService(RuntimeMetrics metrics)
{
    /// <summary>Sequences of one request that are queued at a time: a large batch does not fill the queue for others.</summary>
    private const int Window = 64;

    /// <param name="scope">The request.</param>
    /// <param name="sequences">Ids and segment ids (empty = all 0).</param>
    /// <param name="output">What to compute.</param>
    public async Task<float[][]> RunAsync(RequestScope scope, IReadOnlyList<(int[] Ids, int[] TypeIds)> sequences, EncoderOutput output)
    {
        var from = scope.Elapsed;
        var results = new float[sequences.Count][];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(scope.Cancelled);
        // The rest of a large batch comes as its first sequences leave.
        var ticket = scope.Admit([.. sequences.Take(Window).Select(s => (ReadOnlyMemory<int>)s.Ids)]);
        var next = -1;
        async Task WorkAsync()
        {
            int i;
            while ((i = Interlocked.Increment(ref next)) < sequences.Count)
            {
                var request = new EncoderRequest
                {
                    Id = FormattableString.Invariant($"{scope.RequestId}-{i}"),
                    TokenIds = sequences[i].Ids,
                    TypeIds = sequences[i].TypeIds,
                    Output = output,
                    Priority = scope.Caller.Priority,
                    Deadline = scope.Caller.Deadline,
                    Ticket = ticket,
                };
                try
                {
                    results[i] = await scope.Model.Encoder!.RunAsync(request, stop.Token);
                }
                catch
                {
                    await stop.CancelAsync();
                    throw;
                }
            }
        }

        var workers = new Task[Math.Min(Window, sequences.Count)];
        for (var i = 0; i < workers.Length; i++) workers[i] = WorkAsync();
        var all = Task.WhenAll(workers);
        try
        {
            await all;
        }
        catch (OperationCanceledException) when (all.Exception?.InnerExceptions.FirstOrDefault(e => e is not OperationCanceledException) is { } cause)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(cause);
        }

        metrics.Prefill.Observe((scope.Elapsed - from).TotalSeconds);
        metrics.InputTokens.Observe(sequences.Sum(s => s.Ids.Length));
        scope.Trace.Child("prefill", from, scope.Elapsed);
        scope.Trace.Tag("gen_ai.usage.input_tokens", sequences.Sum(s => s.Ids.Length));
        return results;
    }
}
