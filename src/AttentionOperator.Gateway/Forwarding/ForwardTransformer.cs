using System.Net;
using AttentionOperator.Api.Naming;
using Yarp.ReverseProxy.Forwarder;

namespace AttentionOperator.Gateway.Forwarding;

/// <summary>One attempt on one endpoint: prepares the request, decides whether the answer is taken, relays event streams itself.</summary>
internal sealed class ForwardTransformer(string model, string revision, bool mayRetry, TimeProvider time, long startedAt) : HttpTransformer
{
    /// <summary>The endpoint refused before doing any work (draining, full) and another one may be tried.</summary>
    public bool Refused { get; private set; }

    public int Status { get; private set; }

    public StreamOutcome? Stream { get; private set; }

    public int StreamEvents { get; private set; }

    public TimeSpan? TimeToFirstToken { get; private set; }

    public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        proxyRequest.Headers.Host = null;
        // The caller's credentials are the gateway's business alone.
        proxyRequest.Headers.Authorization = null;
        proxyRequest.Headers.TryAddWithoutValidation(HeaderNames.Model, model);
    }

    public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null) return await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        Status = (int)proxyResponse.StatusCode;
        if (mayRetry && proxyResponse.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            Refused = true;
            return false;
        }

        await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        var headers = httpContext.Response.Headers;
        foreach (var name in headers.Keys.Where(k => k.StartsWith(HeaderNames.InternalPrefix, StringComparison.OrdinalIgnoreCase)).ToList()) headers.Remove(name);
        headers[HeaderNames.ServedRevision] = revision;
        if (proxyResponse.Content.Headers.ContentType?.MediaType != "text/event-stream") return true;
        var upstream = await proxyResponse.Content.ReadAsStreamAsync(cancellationToken);
        await using (upstream)
        {
            (Stream, StreamEvents) = await StreamRelay.RunAsync(upstream, httpContext.Response, () => TimeToFirstToken = time.GetElapsedTime(startedAt), cancellationToken);
        }

        return false;
    }
}
