using System.Diagnostics;

namespace AttentionOperator.RuntimeBench;

/// <summary>From the start of the process to the first token over HTTP.</summary>
internal static class ColdStart
{
    public static async Task<(double Seconds, MetricsSample Metrics)> MeasureAsync(BenchmarkOptions options, string directory, string model, Workload workload, CancellationToken cancellation)
    {
        using var runtime = new RuntimeProcess(options.Executable, directory, model, $$"""
            {"model":"{{Workload.Model}}","namespace":"bench","revision":"r","task":"Generate","limits":{"maxBatchTokens":512},"batching":{"maxSequences":8,"cacheMemory":"256Mi"} }
            """);
        await runtime.ReadyAsync(cancellation);
        var item = workload.Stream(1);
        var attempt = await Attempt.SendAsync(runtime.Client, item, cancellation);
        var seconds = Stopwatch.GetElapsedTime(runtime.StartedAt).TotalSeconds;
        if (!attempt.Answered) throw new InvalidOperationException($"The first request got {attempt.Status}.");
        return (seconds, await runtime.MetricsAsync(cancellation));
    }
}
