using System.Runtime.CompilerServices;
using System.Threading.Channels;
using AttentionOperator.Inference.Engine;

namespace AttentionOperator.Runtime.Serving;

/// <summary>Runs several generations as one stream of events. If one fails or is refused, all end.</summary>
internal static class ChoiceEvents
{
    /// <summary>Events the reader has not taken yet, per request: a slow reader holds its own generation's events, bounded.</summary>
    private const int Buffered = 64;

    public static async IAsyncEnumerable<(int Choice, GenerationEvent Event)> RunAsync(
        IGenerationEngine engine, IReadOnlyList<GenerationRequest> requests, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (requests.Count == 1)
        {
            await foreach (var single in engine.GenerateAsync(requests[0], cancellationToken).WithCancellation(cancellationToken)) yield return (0, single);
            yield break;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var channel = Channel.CreateBounded<(int, GenerationEvent)>(new BoundedChannelOptions(Buffered) { SingleReader = true });
        var pumps = new Task[requests.Count];
        for (var i = 0; i < pumps.Length; i++) pumps[i] = PumpAsync(engine, requests[i], i, channel.Writer, stop.Token);
        var all = FinishAsync(pumps, channel.Writer, stop);
        try
        {
            await foreach (var item in channel.Reader.ReadAllAsync(cancellationToken)) yield return item;
        }
        finally
        {
            // Also when the reader leaves early: nothing runs on for nobody.
            await stop.CancelAsync();
            await all;
        }
    }

    private static async Task PumpAsync(IGenerationEngine engine, GenerationRequest request, int choice, ChannelWriter<(int, GenerationEvent)> writer, CancellationToken cancellationToken)
    {
        await foreach (var item in engine.GenerateAsync(request, cancellationToken).WithCancellation(cancellationToken))
        {
            await writer.WriteAsync((choice, item), cancellationToken);
        }
    }

    private static async Task FinishAsync(Task[] pumps, ChannelWriter<(int, GenerationEvent)> writer, CancellationTokenSource stop)
    {
        Exception? first = null;
        var left = pumps.ToList();
        while (left.Count > 0)
        {
            var done = await Task.WhenAny(left);
            left.Remove(done);
            try
            {
                await done;
            }
            catch (Exception e)
            {
                if (first is null)
                {
                    first = e;
                    await stop.CancelAsync();
                }
            }
        }

        writer.TryComplete(first);
    }
}
