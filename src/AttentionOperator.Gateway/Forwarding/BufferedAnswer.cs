using System.Buffers;
using System.Text.Json;

namespace AttentionOperator.Gateway.Forwarding;

/// <summary>
/// Passes on an answer that is no stream. Up to 4 MiB it is read whole before the client sees any of it, so that another replica can give it if this one dies
/// meanwhile; what is longer is passed on as it comes.
/// </summary>
internal static class BufferedAnswer
{
    private const int MaxBuffered = 4 * 1024 * 1024;

    /// <param name="answer">The runtime's answer.</param>
    /// <param name="context">The client's.</param>
    /// <param name="copyHead">Writes status and headers; called when nothing can fail any more.</param>
    /// <param name="capture">Whether the caller wants the bytes.</param>
    /// <param name="identified">Told of the answer's id before the client gets any of it.</param>
    /// <param name="cancellation">Cancelled when the client leaves.</param>
    /// <returns>The tokens, and the answer's bytes where they were read at once.</returns>
    /// <exception cref="IOException">The upstream broke; nothing was sent unless the response has started.</exception>
    public static async Task<(TokenUsage? Usage, byte[]? Whole)> RelayAsync(HttpResponseMessage answer, HttpContext context, Func<ValueTask> copyHead, bool capture, Action<string?> identified, CancellationToken cancellation)
    {
        using var upstream = await answer.Content.ReadAsStreamAsync(cancellation);
        var buffer = new ArrayBufferWriter<byte>((int)Math.Clamp(answer.Content.Headers.ContentLength ?? 4096, 256, MaxBuffered) + 1);
        var complete = false;
        while (buffer.WrittenCount < MaxBuffered)
        {
            var read = await upstream.ReadAsync(buffer.GetMemory(1), cancellation);
            if (read == 0)
            {
                complete = true;
                break;
            }

            buffer.Advance(read);
        }

        identified(AnswerId(buffer.WrittenSpan));
        await copyHead();
        await context.Response.Body.WriteAsync(buffer.WrittenMemory, cancellation);
        if (complete) return (TokenUsage.Find(buffer.WrittenSpan), capture ? buffer.WrittenSpan.ToArray() : null);
        var tail = new byte[4096];
        var kept = 0;
        var chunk = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            while (await upstream.ReadAsync(chunk, cancellation) is > 0 and var read)
            {
                await context.Response.Body.WriteAsync(chunk.AsMemory(0, read), cancellation);
                kept = Keep(tail, kept, chunk.AsSpan(0, read));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }

        return (TokenUsage.Find(tail.AsSpan(0, kept)), null);
    }

    private static int Keep(byte[] tail, int kept, ReadOnlySpan<byte> chunk)
    {
        if (chunk.Length >= tail.Length)
        {
            chunk[^tail.Length..].CopyTo(tail);
            return tail.Length;
        }

        var stay = Math.Min(kept, tail.Length - chunk.Length);
        tail.AsSpan(kept - stay, stay).CopyTo(tail);
        chunk.CopyTo(tail.AsSpan(stay));
        return stay + chunk.Length;
    }

    private static string? AnswerId(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json[..Math.Min(json.Length, 512)], isFinalBlock: false, default);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isId = reader.ValueTextEquals("id"u8);
                if (!reader.Read()) return null;
                if (isId) return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                if (!reader.TrySkip()) return null;
            }
        }
        catch (JsonException)
        {
            return null;
        }

        return null;
    }
}
