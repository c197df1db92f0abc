using System.Diagnostics;
using AttentionOperator.Gateway.Forwarding;
using AttentionOperator.Gateway.Routing;

namespace AttentionOperator.Gateway.Tracing;

/// <summary>Spans of the gateway, with the names of OpenTelemetry's GenAI conventions (in development): one per request, and in it one per attempt, which the runtime's span is a child of. Content is never recorded.</summary>
internal static class GatewayTracing
{
    public const string SourceName = "AttentionOperator.Gateway";

    public static readonly ActivitySource Source = new(SourceName);

    /// <summary>Starts a request's span under the caller's W3C context; null where nobody listens.</summary>
    public static Activity? StartRequest(IHeaderDictionary headers, PathString path, ModelRoute route)
    {
        if (!Source.HasListeners()) return null;
        ActivityContext.TryParse(headers.TraceParent.ToString(), headers.TraceState.ToString(), isRemote: true, out var parent);
        var operation = OperationOf(path);
        var span = Source.StartActivity($"{operation} {route.Name}", ActivityKind.Server, parent);
        span?.SetTag("gen_ai.operation.name", operation);
        span?.SetTag("gen_ai.provider.name", "attention");
        span?.SetTag("gen_ai.request.model", route.Name);
        return span;
    }

    /// <summary>One attempt on one replica.</summary>
    public static Activity? StartAttempt(Activity? request, RuntimeEndpoint endpoint, string revision)
    {
        if (request is null) return null;
        var span = Source.StartActivity("attempt", ActivityKind.Client, request.Context);
        span?.SetTag("server.address", endpoint.Address);
        span?.SetTag("server.port", endpoint.Port);
        span?.SetTag("attention.revision", revision);
        return span;
    }

    public static void End(Activity? attempt, AttemptEnd end)
    {
        if (attempt is null) return;
        attempt.SetTag("attention.attempt.end", end.ToString());
        if (end is not (AttemptEnd.Answered or AttemptEnd.ClientGone)) attempt.SetStatus(ActivityStatusCode.Error, end.ToString());
    }

    /// <summary>What is known when the request is over.</summary>
    public static void End(Activity? request, Exchange? exchange, int status)
    {
        if (request is null) return;
        request.SetTag("http.response.status_code", status);
        if (exchange is not null)
        {
            request.SetTag("attention.revision", exchange.Revision);
            request.SetTag("gen_ai.response.id", exchange.AnswerId);
            request.SetTag("gen_ai.usage.input_tokens", exchange.Usage.Input);
            request.SetTag("gen_ai.usage.output_tokens", exchange.Usage.Output);
            if (exchange.TimeToFirstToken is { } first) request.SetTag("gen_ai.response.time_to_first_chunk", first.TotalSeconds);
            if (exchange.Reason is { } reason) request.SetTag("error.type", reason);
        }

        if (status >= 500 || exchange?.Reason is not null and not "Cached") request.SetStatus(ActivityStatusCode.Error);
        request.Dispose();
    }

    private static string OperationOf(PathString path) => path.Value switch
    {
        "/v1/chat/completions" => "chat",
        "/v1/completions" => "text_completion",
        "/v1/embeddings" => "embeddings",
        { } other => other.TrimStart('/'),
        null => "unknown",
    };
}
