using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Values;
using AttentionOperator.Gateway.Queueing;
using AttentionOperator.Gateway.Routing;
using Yarp.ReverseProxy.Forwarder;

namespace AttentionOperator.Gateway.Forwarding;

/// <summary>
/// Makes requests to runtimes out of a client's. Headers are copied by YARP's transformer (hop-by-hop headers, framing); the calls themselves are made here
/// and not by YARP's forwarder, because one answer may be made of several of them.
/// </summary>
internal sealed class UpstreamRequests(HttpMessageInvoker client, InternalTokens tokens, TimeProvider time)
{
    /// <summary>Sends a request and returns when the answer's headers are there.</summary>
    /// <param name="exchange">The client's request.</param>
    /// <param name="endpoint">The replica.</param>
    /// <param name="body">As the replica gets it.</param>
    /// <param name="span">The attempt's span, which becomes the parent of the runtime's; null passes on the client's own context.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="HttpRequestException">No answer came.</exception>
    public async Task<HttpResponseMessage> SendAsync(Exchange exchange, RuntimeEndpoint endpoint, ReadOnlyMemory<byte> body, Activity? span, CancellationToken cancellation)
    {
        var context = exchange.Context;
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), endpoint.Prefix + context.Request.Path + context.Request.QueryString)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ReadOnlyMemoryContent(body),
        };
        await HttpTransformer.Default.TransformRequestAsync(context, request, endpoint.Prefix, cancellation);
        request.Content.Headers.ContentLength = body.Length;
        request.Content.Headers.ContentType ??= new MediaTypeHeaderValue("application/json");
        var headers = request.Headers;
        // What the client names in Connection is for the gateway alone (RFC 9110, 7.6.1).
        foreach (var name in context.Request.Headers.Connection.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (headers.NonValidated.Contains(name)) headers.Remove(name);
        }

        headers.Host = null;
        headers.ExpectContinue = null;
        // The caller's credentials are the gateway's business alone; an answer in an encoding could not be read for the accounts.
        headers.Authorization = null;
        foreach (var name in (ReadOnlySpan<string>)["Cookie", "Accept-Encoding", HeaderNames.Priority, HeaderNames.Deadline]) headers.Remove(name);
        headers.TryAddWithoutValidation(HeaderNames.Model, exchange.Route.Name);
        var priority = NameOf(exchange.Ticket.Class);
        headers.TryAddWithoutValidation(HeaderNames.Priority, priority);
        headers.TryAddWithoutValidation(HeaderNames.PriorityCap, priority);
        if (!headers.Contains(HeaderNames.RequestId)) headers.TryAddWithoutValidation(HeaderNames.RequestId, context.TraceIdentifier);
        if (exchange.Deadline is { } deadline) headers.TryAddWithoutValidation(HeaderNames.Deadline, Durations.Format(Left(deadline)));
        if (exchange.Ticket.Tenant.Length > 0) headers.TryAddWithoutValidation(HeaderNames.CacheNamespace, tokens.CacheNamespaceOf(exchange.Ticket.Tenant));
        if (tokens.HeaderFor(exchange.Route.Namespace) is { } secret) headers.TryAddWithoutValidation(HeaderNames.ContinuationToken, secret);
        if (span is not null)
        {
            headers.Remove("traceparent");
            headers.Remove("tracestate");
            headers.TryAddWithoutValidation("traceparent", span.Id);
            if (span.TraceStateString is { Length: > 0 } state) headers.TryAddWithoutValidation("tracestate", state);
        }

        return await client.SendAsync(request, cancellation);
    }

    /// <summary>Copies status and headers of the runtime's answer, without what is not the client's business.</summary>
    public static async ValueTask CopyHeadAsync(HttpContext context, HttpResponseMessage answer, string revision, CancellationToken cancellation)
    {
        context.Response.StatusCode = (int)answer.StatusCode;
        await HttpTransformer.Default.TransformResponseAsync(context, answer, cancellation);
        var headers = context.Response.Headers;
        foreach (var name in headers.Keys.Where(k => k.StartsWith(HeaderNames.InternalPrefix, StringComparison.OrdinalIgnoreCase)).ToList()) headers.Remove(name);
        headers[HeaderNames.ServedRevision] = revision;
    }

    private TimeSpan Left(DateTimeOffset deadline) => deadline - time.GetUtcNow() is { TotalMilliseconds: > 1 } left ? left : TimeSpan.FromMilliseconds(1);

    private static string NameOf(RequestClass @class) => @class switch
    {
        RequestClass.Interactive => "interactive",
        RequestClass.Standard => "standard",
        _ => "batch",
    };
}
