using System.Buffers;

namespace AttentionOperator.Gateway.Forwarding;

/// <summary>Passes one runtime's event stream to the client, event by event as they come, and knows how it ended.</summary>
internal sealed class StreamRelay(AnswerStream answer, HttpResponse response, TimeProvider time)
{
    /// <summary>Runtimes write at least a comment every 15 s.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);

    /// <summary>Relays until the upstream ends. What came incompletely is not passed on.</summary>
    /// <param name="upstream">The runtime's answer.</param>
    /// <param name="mayContinue">A draining runtime's error event is kept from the client, because another will go on.</param>
    /// <param name="onFirstToken">Called when the first token is about to be sent.</param>
    /// <param name="cancellation">Cancelled when the client leaves.</param>
    public async Task<StreamOutcome> RunAsync(Stream upstream, bool mayContinue, Action onFirstToken, CancellationToken cancellation)
    {
        using var reader = new SseEventReader(upstream);
        using var silence = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellation);
        try
        {
            while (true)
            {
                silence.CancelAfter(LongestSilence);
                if (!await FillAsync(reader, either.Token)) return StreamOutcome.Broken;
                silence.CancelAfter(Timeout.InfiniteTimeSpan);
                var end = Pass(reader, mayContinue, onFirstToken);
                var flushed = await response.BodyWriter.FlushAsync(cancellation);
                if (flushed.IsCompleted) return StreamOutcome.ClientGone;
                if (end is { } outcome) return outcome;
            }
        }
        catch (OperationCanceledException)
        {
            return cancellation.IsCancellationRequested ? StreamOutcome.ClientGone : StreamOutcome.Broken;
        }
    }

    private StreamOutcome? Pass(SseEventReader reader, bool mayContinue, Action onFirstToken)
    {
        while (reader.TryTake(out var sse))
        {
            var before = answer.Chunks;
            var pieces = answer.Take(sse, out var kind, out var reason);
            if (before == 0 && answer.Chunks > 0) onFirstToken();
            if (kind == StreamChunkKind.Error && reason == "Draining" && mayContinue && answer.CanContinue) return StreamOutcome.GivenBack;
            foreach (var piece in pieces) response.BodyWriter.Write(piece.Span);
            if (kind == StreamChunkKind.Done) return StreamOutcome.Complete;
            if (kind == StreamChunkKind.Error) return StreamOutcome.Error;
        }

        return null;
    }

    private static async ValueTask<bool> FillAsync(SseEventReader reader, CancellationToken cancellation)
    {
        try
        {
            return await reader.FillAsync(cancellation);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            cancellation.ThrowIfCancellationRequested();
            return false;
        }
    }
}
