namespace AttentionOperator.RuntimeBench;

/// <summary>SIGTERM in the middle of streams.</summary>
internal static class DrainTrial
{
    private const int Streams = 16;
    private const int Tokens = 400;

    /// <summary>Streams that did not come to their end, and what came after the signal without being refused as retryable.</summary>
    public static async Task<(int Failed, int ExitCode)> RunAsync(BenchmarkOptions options, string directory, string model, Workload workload, CancellationToken cancellation)
    {
        using var runtime = new RuntimeProcess(options.Executable, directory, model, $$"""
            {"model":"{{Workload.Model}}","namespace":"bench","revision":"r","task":"Generate","limits":{"maxBatchTokens":256},"batching":{"maxSequences":8,"cacheMemory":"256Mi"},"drainSeconds":300}
            """);
        await runtime.ReadyAsync(cancellation);
        var streams = Enumerable.Range(0, Streams).Select(_ => Attempt.SendAsync(runtime.Client, workload.Stream(Tokens), cancellation)).ToList();
        // Some of them run, some wait.
        while ((await runtime.MetricsAsync(cancellation)).Sum("attention_requests_in_flight") < Streams) await Task.Delay(2, cancellation);
        await runtime.TerminateAsync();
        var late = await Attempt.SendAsync(runtime.Client, workload.Stream(1), cancellation);
        var failed = (await Task.WhenAll(streams)).Count(s => !s.Answered);
        // The signal may arrive after the late one; then it is answered as any other.
        if (!late.Answered && (late.Status != 503 || late.RetryAfter is null)) failed++;
        return (failed, await runtime.ExitAsync(cancellation));
    }
}
