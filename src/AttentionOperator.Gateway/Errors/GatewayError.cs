using System.Globalization;
using System.Text.Json;
using AttentionOperator.Api.Naming;

namespace AttentionOperator.Gateway.Errors;

/// <summary>A refusal by the gateway: status, reason for machines, message for people, and when to come back.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Reason">One PascalCase word: header, metric label.</param>
/// <param name="Message">Names the field, the value, what was expected and what to do.</param>
/// <param name="Param">Field of the request, where one is at fault.</param>
/// <param name="RetryAfter">When a retry is likely to succeed.</param>
internal sealed record GatewayError(int Status, string Reason, string Message, string? Param = null, TimeSpan? RetryAfter = null)
{
    private string Type => Status switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        429 => "rate_limit_error",
        503 => "service_unavailable",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };

    /// <summary>The body of the answer, also what an SSE error event carries.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(new OpenAiErrorBody(new OpenAiError(Message, Type, Param, SnakeCase(Reason))), OpenAiErrorJson.Readable.OpenAiErrorBody);

    /// <summary>Writes the error as the answer, or, where a stream has begun, as its last event (without an end mark).</summary>
    public async Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        var body = ToJson();
        if (response.HasStarted)
        {
            await response.Body.WriteAsync((byte[])[.. "data: "u8, .. body, .. "\n\n"u8], context.RequestAborted);
            return;
        }

        response.StatusCode = Status;
        response.ContentType = "application/json";
        response.Headers[HeaderNames.Reason] = Reason;
        if (RetryAfter is { } wait) response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (Status == 401) response.Headers.WWWAuthenticate = "Bearer";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static string SnakeCase(string reason) =>
        string.Concat(reason.Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : "_") + char.ToLowerInvariant(c) : c.ToString()));
}
