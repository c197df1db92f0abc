using AttentionOperator.Gateway.Batches;
using AttentionOperator.Gateway.Errors;
using AttentionOperator.Gateway.Feedback;
using AttentionOperator.Gateway.Requests;

namespace AttentionOperator.Gateway.Hosting;

/// <summary>What clients ask of the gateway. Paths are compared, not matched: what is not listed here does not exist.</summary>
internal sealed partial class ClientApi(ProxyEndpoint proxy, ModelsEndpoint models, FeedbackEndpoint feedback, FilesEndpoint files, BatchesEndpoint batches, BatchOptions batchOptions, GatewayLifetime lifetime, ILogger<ClientApi> logger)
{
    public async Task HandleAsync(HttpContext context)
    {
        // Whoever keeps a connection to a pod that leaves would find it closed at the next request.
        if (lifetime.IsDraining && HttpProtocol.IsHttp11(context.Request.Protocol)) context.Response.Headers.Connection = "close";
        try
        {
            await RouteAsync(context);
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException or BadHttpRequestException)
        {
            context.Abort();
        }
        catch (BadHttpRequestException e)
        {
            await new GatewayError(e.StatusCode, "MalformedRequest", e.Message).WriteAsync(context);
        }
        catch (Exception e)
        {
            LogDefect(logger, context.TraceIdentifier, e);
            if (context.Response.HasStarted) context.Abort();
            else await new GatewayError(500, "Internal", $"The gateway failed. The request's id is {context.TraceIdentifier}.").WriteAsync(context);
        }
    }

    private Task RouteAsync(HttpContext context)
    {
        var request = context.Request;
        if (HttpMethods.IsPost(request.Method) && ClientPaths.IsForwarded(request.Path)) return proxy.HandleAsync(context);
        if (HttpMethods.IsGet(request.Method) && request.Path.Value == ClientPaths.Models) return models.HandleAsync(context);
        if (HttpMethods.IsPost(request.Method) && request.Path.Value == ClientPaths.Feedback) return feedback.HandleAsync(context);
        if (HttpMethods.IsGet(request.Method) && request.Path.Value == "/health/live") return Task.CompletedTask;
        if (batchOptions.IsOn && IsUnder(request.Path, FilesEndpoint.Root)) return files.HandleAsync(context);
        if (batchOptions.IsOn && IsUnder(request.Path, BatchesEndpoint.Root)) return batches.HandleAsync(context);
        return new GatewayError(404, "PathNotFound", $"{RequestHeaders.Shorten(request.Method)} {RequestHeaders.Shorten(request.Path)} is not part of this API. Known: POST {string.Join(", ", ClientPaths.Forwarded)}, {ClientPaths.Feedback}; GET {ClientPaths.Models}.").WriteAsync(context);
    }

    private static bool IsUnder(PathString path, string root) => path.Value is { } value && value.StartsWith(root, StringComparison.Ordinal) && (value.Length == root.Length || value[root.Length] == '/');

    [LoggerMessage(1, LogLevel.Error, "Request {RequestId} failed by a defect")]
    private static partial void LogDefect(ILogger logger, string requestId, Exception e);
}
