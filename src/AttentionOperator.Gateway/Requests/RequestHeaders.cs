using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Values;
using AttentionOperator.Gateway.Errors;
using AttentionOperator.Gateway.Queueing;

namespace AttentionOperator.Gateway.Requests;

/// <summary>The client's headers that the gateway decides by. A value that cannot be read is refused, not ignored.</summary>
internal static class RequestHeaders
{
    public static GatewayError? Deadline(IHeaderDictionary headers, DateTimeOffset now, out DateTimeOffset? deadline)
    {
        deadline = null;
        if (!headers.TryGetValue(HeaderNames.Deadline, out var text)) return null;
        if (!Durations.TryParse(text.ToString(), out var wait) || wait <= TimeSpan.Zero)
        {
            return new GatewayError(400, "MalformedHeader", $"The header {HeaderNames.Deadline} is '{Shorten(text.ToString())}'; a duration such as 500ms, 30s or 1m30s is expected.", HeaderNames.Deadline);
        }

        deadline = now + wait;
        return null;
    }

    public static GatewayError? Class(IHeaderDictionary headers, out RequestClass? asked)
    {
        asked = null;
        if (!headers.TryGetValue(HeaderNames.Priority, out var text)) return null;
        if (Enum.TryParse<RequestClass>(text.ToString(), ignoreCase: true, out var parsed) && Enum.IsDefined(parsed) && !char.IsAsciiDigit(text.ToString()[0]))
        {
            asked = parsed;
            return null;
        }

        return new GatewayError(400, "MalformedHeader", $"The header {HeaderNames.Priority} is '{Shorten(text.ToString())}'; interactive, standard or batch is expected.", HeaderNames.Priority);
    }

    public static string Shorten(string text) => text.Length <= 100 ? text : text[..100] + "…";
}
