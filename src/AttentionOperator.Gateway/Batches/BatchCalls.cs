using AttentionOperator.Api.Naming;
using AttentionOperator.Gateway.Requests;

namespace AttentionOperator.Gateway.Batches;

/// <summary>Runs one request of a batch as if its owner had sent it: same rights, caps, limits, queue and counters, in class batch.</summary>
internal sealed class BatchCalls(ProxyEndpoint proxy)
{
    private static readonly object OwnerKey = new();
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>The owner on whose behalf a request runs; null for requests that came over the network.</summary>
    public static BatchOwner? OwnerOf(HttpContext context) => context.Items.TryGetValue(OwnerKey, out var owner) ? owner as BatchOwner : null;

    /// <returns>Status, body, and how long to wait before it is worth trying again (null: the answer is final).</returns>
    public async Task<(int Status, string RequestId, byte[] Body, TimeSpan? RetryAfter)> RunAsync(BatchOwner owner, string endpoint, byte[] body, CancellationToken cancellation)
    {
        using var answer = new MemoryStream();
        var context = new DefaultHttpContext { RequestAborted = cancellation };
        context.TraceIdentifier = $"batch_req_{Guid.NewGuid():N}";
        context.Items[OwnerKey] = owner;
        var request = context.Request;
        (request.Method, request.Path, request.Protocol, request.ContentType, request.ContentLength) = (HttpMethods.Post, endpoint, HttpProtocol.Http11, "application/json", body.Length);
        request.Headers[HeaderNames.Priority] = "batch";
        request.Body = new MemoryStream(body, writable: false);
        context.Response.Body = answer;
        await proxy.HandleAsync(context);
        cancellation.ThrowIfCancellationRequested();
        var status = context.Response.StatusCode;
        TimeSpan? pause = null;
        if (status is 429 or 503 && int.TryParse(context.Response.Headers.RetryAfter.ToString(), out var seconds)) pause = TimeSpan.FromSeconds(Math.Min(seconds, LongestPause.TotalSeconds));
        return (status, context.TraceIdentifier, answer.ToArray(), pause);
    }
}
