using AttentionOperator.Gateway.Metrics;
using AttentionOperator.Gateway.Slis;

namespace AttentionOperator.Gateway.Hosting;

/// <summary>What the cluster asks of the gateway: counters, metrics, health.</summary>
internal sealed class AdminApi(SliRegistry slis, GatewayMetrics metrics, IGatewayReadiness readiness, GatewayLifetime lifetime)
{
    public Task HandleAsync(HttpContext context)
    {
        var response = context.Response;
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return Task.CompletedTask;
        }

        switch (context.Request.Path.Value)
        {
            case "/slis":
                return response.WriteAsJsonAsync(slis.Snapshot(), context.RequestAborted);
            case "/metrics":
                response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
                return metrics.Registry.CollectAndExportAsTextAsync(response.Body, context.RequestAborted);
            case "/health/live":
                return Task.CompletedTask;
            case "/health/ready":
                if (!readiness.IsReady || lifetime.IsDraining) response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return Task.CompletedTask;
            default:
                response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
        }
    }
}
