using System.Buffers;
using AttentionOperator.Gateway.Errors;

namespace AttentionOperator.Gateway.Forwarding;

/// <summary>Passes a runtime's event stream to the client byte by byte as it comes, and knows how it ended.</summary>
internal static class StreamRelay
{
    private const int BufferSize = 16 * 1024;

    /// <summary>Relays until the upstream ends; a broken upstream gives the client an error event and no end mark.</summary>
    /// <param name="upstream">The runtime's answer.</param>
    /// <param name="response">The client's.</param>
    /// <param name="onFirstEvent">Called once, when the first token is about to be sent.</param>
    /// <param name="cancellation">Aborted when the client leaves.</param>
    public static async Task<(StreamOutcome Outcome, int Events)> RunAsync(Stream upstream, HttpResponse response, Action onFirstEvent, CancellationToken cancellation)
    {
        var scanner = new SseScanner();
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (true)
            {
                int read;
                try
                {
                    read = await upstream.ReadAsync(buffer, cancellation);
                }
                catch (Exception e) when (e is IOException or HttpRequestException)
                {
                    read = 0;
                }

                if (read == 0) break;
                var seen = scanner.Events;
                scanner.Scan(buffer.AsSpan(0, read));
                if (seen == 0 && scanner.Events > 0) onFirstEvent();
                await response.Body.WriteAsync(buffer.AsMemory(0, read), cancellation);
            }

            if (scanner.Done) return (StreamOutcome.Complete, scanner.Events);
            if (scanner.Error) return (StreamOutcome.Error, scanner.Events);
            await response.Body.WriteAsync(BrokenEvent(scanner.InLine), cancellation);
            return (StreamOutcome.Broken, scanner.Events);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return (StreamOutcome.ClientGone, scanner.Events);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] BrokenEvent(bool inLine)
    {
        var error = new GatewayError(502, "StreamBroken", "The replica that generated this answer went away in the middle of it; the answer is incomplete. Send the request again.");
        // Half a line must be ended first, or the error would become part of it.
        return [.. inLine ? "\n\n"u8 : [], .. "data: "u8, .. error.ToJson(), .. "\n\n"u8];
    }
}
