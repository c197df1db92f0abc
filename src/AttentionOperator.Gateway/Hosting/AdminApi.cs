using System.Text.Json;
using AttentionOperator.Gateway.Metrics;
using AttentionOperator.Gateway.Peers;
using AttentionOperator.Gateway.Slis;

namespace AttentionOperator.Gateway.Hosting;

/// <summary>What the cluster asks of the gateway: counters, metrics, health.</summary>
internal sealed class AdminApi(LoadSnapshot load, GatewayMetrics metrics, IGatewayReadiness readiness, GatewayLifetime lifetime, PeerLoans loans)
{
    public Task HandleAsync(HttpContext context)
    {
        var response = context.Response;
        if (HttpMethods.IsPost(context.Request.Method) && context.Request.Path.Value == PeerLoans.Path) return loans.HandleAsync(context);
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return Task.CompletedTask;
        }

        switch (context.Request.Path.Value)
        {
            case "/slis":
                return WriteSlisAsync(response, context.RequestAborted);
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

    private async Task WriteSlisAsync(HttpResponse response, CancellationToken cancellation)
    {
        response.ContentType = "application/json; charset=utf-8";
        await using var writer = new Utf8JsonWriter(response.BodyWriter);
        JsonSerializer.Serialize(writer, load.Take(), SliJson.Default.SliSnapshot);
        await writer.FlushAsync(cancellation);
    }
}
