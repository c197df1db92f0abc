using AttentionOperator.Sandbox.Api;

namespace AttentionOperator.Sandbox.Aggregation;

/// <summary>Forwards requests of aggregated group versions to a ready pod of their Service, saying who asks in front-proxy headers.</summary>
internal sealed class AggregationProxy(ApiServices services, ServiceConnections connections, FrontProxy identity)
{
    private static readonly string[] HopByHop = ["Connection", "Keep-Alive", "Transfer-Encoding", "Upgrade", "Proxy-Connection", "TE", "Trailer"];
    private static readonly string[] OwnHeaders = ["Authorization", "Host", "Content-Length", .. HopByHop];

    public async Task<bool> TryHandleAsync(HttpContext context, string path, RequestUser user)
    {
        var parts = path.Trim('/').Split('/');
        if (parts is not ["apis", var group, var version, ..] || services.Extensions.Find(group, version) is not { } api) return false;
        using var client = connections.Client(api.Service, api.CaBundle, api.InsecureSkipTlsVerify, identity.Certificate);
        using var request = Request(context, api, user);
        HttpResponseMessage response;
        try
        {
            response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or ServiceUnreachableException or IOException || (e is OperationCanceledException && !context.RequestAborted.IsCancellationRequested))
        {
            throw ApiErrors.ServiceUnavailable($"error trying to reach service: {e.InnerException?.Message ?? e.Message}");
        }

        using (response)
        {
            context.Response.StatusCode = (int)response.StatusCode;
            foreach (var (name, values) in response.Headers.Concat(response.Content.Headers))
            {
                if (!HopByHop.Contains(name, StringComparer.OrdinalIgnoreCase)) context.Response.Headers[name] = values.ToArray();
            }

            await CopyAsync(response, context).ConfigureAwait(false);
        }

        return true;
    }

    private static async Task CopyAsync(HttpResponseMessage response, HttpContext context)
    {
        var source = await response.Content.ReadAsStreamAsync(context.RequestAborted).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            var buffer = new byte[16 * 1024];
            int read;
            while ((read = await source.ReadAsync(buffer, context.RequestAborted).ConfigureAwait(false)) > 0)
            {
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted).ConfigureAwait(false);
                await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
            }
        }
    }

    private static HttpRequestMessage Request(HttpContext context, AggregatedApi api, RequestUser user)
    {
        var uri = new Uri($"https://{api.Service.Name}.{api.Service.Namespace}.svc:{api.Service.Port}{context.Request.Path}{context.Request.QueryString}");
        var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), uri);
        if (context.Request.ContentLength is > 0 || context.Request.Headers.TransferEncoding.Count > 0) request.Content = new StreamContent(context.Request.Body);
        foreach (var (name, values) in context.Request.Headers)
        {
            // The user's own credential stays here, and nobody else may set who he is.
            if (OwnHeaders.Contains(name, StringComparer.OrdinalIgnoreCase) || name.StartsWith("X-Remote-", StringComparison.OrdinalIgnoreCase)) continue;
            if (!request.Headers.TryAddWithoutValidation(name, values.ToArray())) request.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
        }

        request.Headers.TryAddWithoutValidation("X-Remote-User", user.Name);
        foreach (var group in user.Groups) request.Headers.TryAddWithoutValidation("X-Remote-Group", group);
        return request;
    }
}
