using System.Globalization;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Api;

/// <summary>Writes API answers.</summary>
internal static class HttpReplies
{
    public static async Task JsonAsync(HttpContext context, int code, ReadOnlyMemory<byte> utf8)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = utf8.Length;
        context.Response.Headers.CacheControl = "no-cache, private";
        await context.Response.Body.WriteAsync(utf8, context.RequestAborted).ConfigureAwait(false);
    }

    public static Task JsonAsync(HttpContext context, int code, JsonNode node) => JsonAsync(context, code, JsonFormat.ToUtf8(node));

    public static Task ErrorAsync(HttpContext context, ApiException error)
    {
        if (error.RetryAfterSeconds is { } seconds) context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return error.IsPlain ? TextAsync(context, error.Code, error.Message) : JsonAsync(context, error.Code, error.ToStatus());
    }

    public static Task TextAsync(HttpContext context, int code, string text)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}
