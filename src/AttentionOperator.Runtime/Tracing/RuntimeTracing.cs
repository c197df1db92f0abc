using System.Diagnostics;

namespace AttentionOperator.Runtime.Tracing;

/// <summary>Spans of the runtime, with the names of OpenTelemetry's GenAI conventions. Content is never recorded.</summary>
internal static class RuntimeTracing
{
    public const string SourceName = "AttentionOperator.Runtime";

    public static readonly ActivitySource Source = new(SourceName);

    /// <summary>Starts a request's span under the caller's W3C context.</summary>
    public static Activity? StartRequest(IHeaderDictionary headers, string operation, string model)
    {
        if (!Source.HasListeners()) return null;
        ActivityContext.TryParse(headers.TraceParent.ToString(), headers.TraceState.ToString(), isRemote: true, out var parent);
        var span = Source.StartActivity($"{operation} {model}", ActivityKind.Server, parent);
        span?.SetTag("gen_ai.operation.name", operation);
        span?.SetTag("gen_ai.provider.name", "attention");
        span?.SetTag("gen_ai.request.model", model);
        return span;
    }
}
