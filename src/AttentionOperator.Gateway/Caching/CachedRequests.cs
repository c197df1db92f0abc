using AttentionOperator.Api.Naming;
using AttentionOperator.Gateway.Admission;
using AttentionOperator.Gateway.Forwarding;
using AttentionOperator.Gateway.Requests;

namespace AttentionOperator.Gateway.Caching;

/// <summary>Which requests the cache may answer, and which answers it may keep.</summary>
internal sealed class CachedRequests(ResponseCache cache)
{
    public const string Header = "X-Attention-Cache";

    /// <summary>The request's key; null where its answer may differ from one time to the next, or where a revision is asked for by name.</summary>
    public CacheKey? KeyOf(Exchange exchange, Caller caller, ReadOnlySpan<byte> body)
    {
        var context = exchange.Context;
        if (!cache.IsOn || context.Request.Headers.ContainsKey(HeaderNames.Revision)) return null;
        var isDeterministic = context.Request.Path.Value is "/v1/embeddings" or "/v1/rerank" or "/v1/classify" || (ClientPaths.Generates(context.Request.Path) && exchange.Facts is { IsGreedy: true, Stream: false });
        exchange.Captures = isDeterministic;
        return isDeterministic ? cache.KeyOf(caller, exchange.Route, context.Request.Path, body) : null;
    }

    /// <returns>True when the answer was written.</returns>
    public async ValueTask<bool> TryAnswerAsync(Exchange exchange, CacheKey key)
    {
        if (cache.Find(key, exchange.Route) is not { } answer) return false;
        (exchange.Revision, exchange.Reason) = (answer.Revision, "Cached");
        var context = exchange.Context;
        var response = context.Response;
        response.ContentType = answer.ContentType;
        response.ContentLength = answer.Body.Length;
        response.Headers[HeaderNames.ServedRevision] = answer.Revision;
        response.Headers[Header] = "hit";
        await response.Body.WriteAsync(answer.Body, context.RequestAborted);
        return true;
    }

    public void Keep(CacheKey key, Exchange exchange)
    {
        var response = exchange.Context.Response;
        if (exchange is { Captured: { } body, Revision: { } revision } && response.StatusCode == StatusCodes.Status200OK && exchange.Reason is null && !response.Headers.ContainsKey(HeaderNames.Truncated))
        {
            cache.Store(key, revision, response.ContentType ?? "application/json", body);
        }
    }
}
