using System.Collections.Concurrent;
using AttentionOperator.Inference.Engine;

namespace AttentionOperator.Runtime.Tests.Fakes;

/// <summary>Vectors that are a function of the ids, so that order and content can be checked.</summary>
internal sealed class HashEncoder(int width, Func<EncoderRequest, float[]>? vector = null) : IEncoderEngine
{
    private int _running;

    public ConcurrentQueue<EncoderRequest> Requests { get; } = new();

    public int Running => Volatile.Read(ref _running);

    public EngineState State => EngineState.Running;

    public EngineStatistics Statistics => new() { Running = Running };

    public Func<EncoderRequest, CancellationToken, Task>? Before { get; set; }

    public static float[] VectorOf(IReadOnlyList<int> ids, int width)
    {
        var v = new float[width];
        for (var i = 0; i < ids.Count; i++) v[(ids[i] + i) % width] += 1 + (ids[i] % 7);
        var length = MathF.Sqrt(v.Sum(x => x * x));
        return [.. v.Select(x => x / length)];
    }

    public async ValueTask<float[]> RunAsync(EncoderRequest request, CancellationToken cancellationToken = default)
    {
        Requests.Enqueue(request);
        Interlocked.Increment(ref _running);
        try
        {
            if (Before is not null) await Before(request, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            return vector?.Invoke(request) ?? VectorOf(request.TokenIds, width);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    public Task<DrainReport> DrainAsync(TimeSpan grace, CancellationToken cancellationToken = default) => Task.FromResult(new DrainReport(0, [], []));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
