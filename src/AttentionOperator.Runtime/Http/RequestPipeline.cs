using System.Globalization;
using AttentionOperator.Api.Naming;
using AttentionOperator.Inference.Engine;
using AttentionOperator.Runtime.Metrics;
using AttentionOperator.Runtime.Serving;
using AttentionOperator.Runtime.Tracing;

namespace AttentionOperator.Runtime.Http;

/// <summary>What every API request goes through: the gate, the headers, the error answers, the counters.</summary>
internal sealed partial class RequestPipeline(RequestGate gate, RuntimeMetrics metrics, RuntimeOptions options, TimeProvider clock, ILogger<RequestPipeline> logger)
{
    /// <summary>Largest body, in bytes.</summary>
    public long MaxBodyBytes => options.MaxBodyBytes;

    /// <summary>Runs a handler as the named endpoint; <paramref name="operation"/> is the span's GenAI operation.</summary>
    public RequestDelegate Handle(string endpoint, string operation, Func<RequestScope, Task> handler) => context => RunAsync(context, endpoint, operation, handler);

    private async Task RunAsync(HttpContext context, string endpoint, string operation, Func<RequestScope, Task> handler)
    {
        TakeRequestId(context);
        var started = clock.GetTimestamp();
        RequestScope? scope = null;
        var entered = false;
        var code = 0;
        System.Diagnostics.Activity? span = null;
        try
        {
            var caller = Caller.From(context.Request.Headers, options.InternalToken, clock.GetUtcNow());
            var model = gate.Enter();
            entered = true;
            metrics.InFlight.Inc();
            span = RuntimeTracing.StartRequest(context.Request.Headers, operation, model.Name);
            scope = new RequestScope(context, endpoint, model, caller, clock, gate.Abort) { Span = span, CapturesContent = options.CapturesContent && span is not null };
            context.Response.Headers[HeaderNames.RequestId] = context.TraceIdentifier;
            await handler(scope);
            code = context.Response.StatusCode;
        }
        catch (Exception e)
        {
            var error = Translate(e, context, scope);
            code = error?.Status ?? 0;
            metrics.Rejections.WithLabels((error?.Reason ?? ErrorReason.ClientGone).ToString()).Inc();
            span?.SetTag("error.type", (error?.Reason ?? ErrorReason.ClientGone).ToString());
            await AnswerAsync(context, scope, error);
        }
        finally
        {
            scope?.Dispose();
            span?.Dispose();
            metrics.Requests.WithLabels(endpoint, code.ToString(CultureInfo.InvariantCulture)).Inc();
            metrics.RequestDuration.WithLabels(endpoint).Observe(clock.GetElapsedTime(started).TotalSeconds);
            if (entered)
            {
                // Last: whoever waits until nobody is inside finds everything counted.
                metrics.InFlight.Dec();
                gate.Leave();
            }
        }
    }

    private ApiException? Translate(Exception e, HttpContext context, RequestScope? scope)
    {
        switch (e)
        {
            case ApiException api:
                return api;
            case RequestRefusedException refusal:
                return ApiErrors.From(refusal);
            case GenerationFailedException { Shortage: { } shortage }:
                LogEngineFailure(logger, context.TraceIdentifier, e);
                return ApiErrors.Unavailable(ErrorReason.OutOfMemory, $"{shortage} Shorten the input, or ask for less at a time.", TimeSpan.FromSeconds(1));
            case GenerationFailedException:
                // Its message may hold the native library's words; they are for the log.
                LogEngineFailure(logger, context.TraceIdentifier, e);
                return ApiErrors.Unavailable(
                    gate.Draining ? ErrorReason.Draining : ErrorReason.EngineFailed, "The engine could not finish this request; retry, another server may succeed.", TimeSpan.FromSeconds(1));
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return ApiErrors.BodyTooLarge(options.MaxBodyBytes);
            case BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout }:
                return new ApiException(StatusCodes.Status408RequestTimeout, ErrorReason.SlowBody, "invalid_request_error", "request_timeout", "The body did not arrive in time.");
            case BadHttpRequestException bad:
                return ApiErrors.Invalid(bad.Message);
            case OperationCanceledException or IOException when context.RequestAborted.IsCancellationRequested:
                return null;
            case OperationCanceledException when scope?.CancellationError() is { } cause:
                return cause;
            default:
                if (context.RequestAborted.IsCancellationRequested && e is ObjectDisposedException) return null;
                LogFailure(logger, context.TraceIdentifier, scope?.Endpoint ?? "", e);
                return ApiErrors.Internal(context.TraceIdentifier);
        }
    }

    private static async Task AnswerAsync(HttpContext context, RequestScope? scope, ApiException? error)
    {
        if (error is null || context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
            return;
        }

        try
        {
            if (scope?.Stream is { Started: true } stream) await stream.ErrorAsync(error, context.RequestAborted);
            else if (!context.Response.HasStarted) await ErrorBody.WriteAsync(context, error);
            else context.Abort();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            context.Abort();
        }
    }

    private static void TakeRequestId(HttpContext context)
    {
        var given = context.Request.Headers[HeaderNames.RequestId].ToString();
        var usable = given.Length is > 0 and <= 128 && given.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
        context.TraceIdentifier = usable ? given : Guid.NewGuid().ToString("N");
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Request {RequestId} on {Endpoint} failed")]
    private static partial void LogFailure(ILogger logger, string requestId, string endpoint, Exception e);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The engine did not finish request {RequestId}")]
    private static partial void LogEngineFailure(ILogger logger, string requestId, Exception e);
}
