using System.Buffers;
using System.Globalization;
using System.Text.Json;
using AttentionOperator.Api.Naming;

namespace AttentionOperator.Runtime.Http;

/// <summary>Writes errors in OpenAI's shape.</summary>
internal static class ErrorBody
{
    public static async Task WriteAsync(HttpContext context, ApiException error)
    {
        var response = context.Response;
        response.Clear();
        response.StatusCode = error.Status;
        response.ContentType = "application/json";
        response.Headers[HeaderNames.Reason] = error.Reason.ToString();
        response.Headers[HeaderNames.RequestId] = context.TraceIdentifier;
        if (error.RetryAfter is { } retryAfter) response.Headers.RetryAfter = Seconds(retryAfter);
        if (error.Reason == ErrorReason.Draining) response.Headers.Connection = "close";
        var bytes = ToJson(error);
        response.ContentLength = bytes.WrittenCount;
        await response.Body.WriteAsync(bytes.WrittenMemory, context.RequestAborted);
    }

    public static ArrayBufferWriter<byte> ToJson(ApiException error)
    {
        var bytes = new ArrayBufferWriter<byte>(256);
        using var writer = new Utf8JsonWriter(bytes, JsonText.Options);
        writer.WriteStartObject();
        writer.WriteStartObject("error");
        writer.WriteString("message", error.Message);
        writer.WriteString("type", error.Type);
        writer.WriteString("param", error.Param);
        writer.WriteString("code", error.Code);
        writer.WriteString("reason", error.Reason.ToString());
        if (error.RetryAfter is { } retryAfter) writer.WriteNumber("retry_after_seconds", int.Parse(Seconds(retryAfter), CultureInfo.InvariantCulture));
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return bytes;
    }

    /// <summary>Whole seconds, at least one: a client must not come back at once.</summary>
    private static string Seconds(TimeSpan time) =>
        ((int)Math.Clamp(Math.Ceiling(time.TotalSeconds), 1, 3600)).ToString(CultureInfo.InvariantCulture);
}
