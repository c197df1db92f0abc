using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace AttentionOperator.Runtime.Http;

/// <summary>A request body as JSON, bounded in bytes and depth.</summary>
internal static class RequestBody
{
    public const int MaxDepth = 64;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Reads the whole body. Throws <see cref="ApiException"/> 400, 413 or 415.</summary>
    public static async Task<JsonDocument> ReadAsync(HttpContext context, long maxBytes)
    {
        var contentType = context.Request.ContentType;
        if (contentType is not null && !context.Request.HasJsonContentType())
        {
            throw new ApiException(StatusCodes.Status415UnsupportedMediaType, ErrorReason.InvalidRequest, "invalid_request_error", "unsupported_media_type",
                "The content type must be application/json.");
        }

        if (context.Request.ContentLength > maxBytes) throw ApiErrors.BodyTooLarge(maxBytes);
        var reader = context.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(context.RequestAborted);
            var buffer = result.Buffer;
            if (buffer.Length > maxBytes) throw ApiErrors.BodyTooLarge(maxBytes);
            if (!result.IsCompleted)
            {
                reader.AdvanceTo(buffer.Start, buffer.End);
                continue;
            }

            try
            {
                return Parse(buffer);
            }
            finally
            {
                reader.AdvanceTo(buffer.End);
            }
        }
    }

    /// <summary>JSON may spell lone surrogates, which are no text; found here, they cannot surprise later.</summary>
    private static void CheckEscapes(byte[] json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName) || !reader.ValueIsEscaped) continue;
            try
            {
                reader.GetString();
            }
            catch (InvalidOperationException)
            {
                throw ApiErrors.Invalid($"The body has a lone surrogate (\\uD800 to \\uDFFF) near byte {reader.TokenStartIndex}.");
            }
        }
    }

    private static JsonDocument Parse(ReadOnlySequence<byte> bytes)
    {
        if (bytes.IsEmpty) throw ApiErrors.Invalid("The request has no body; a JSON object is expected.");
        // A copy: the document outlives the pipe's buffers.
        var copy = bytes.ToArray();
        if (!Utf8.IsValid(copy)) throw ApiErrors.Invalid("The body is not valid UTF-8.");
        try
        {
            var document = JsonDocument.Parse(copy, Options);
            if (copy.AsSpan().IndexOf("\\u"u8) >= 0) CheckEscapes(copy);
            return document;
        }
        catch (JsonException e)
        {
            throw ApiErrors.Invalid(
                $"The body is not valid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine} (nesting up to {MaxDepth}, no duplicate names).");
        }
    }
}
