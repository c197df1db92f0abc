using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AttentionOperator.Runtime.Http;

/// <summary>Answers written by hand: no reflection, no intermediate objects.</summary>
internal static class JsonText
{
    // Answers are application/json and event streams, never HTML: other scripts stay readable.
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(bytes, Options))
        {
            write(writer);
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = bytes.WrittenCount;
        await context.Response.Body.WriteAsync(bytes.WrittenMemory, context.RequestAborted);
    }
}
