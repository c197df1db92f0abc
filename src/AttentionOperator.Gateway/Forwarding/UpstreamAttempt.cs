using System.Diagnostics;
using System.Net;
using AttentionOperator.Api.Naming;
using AttentionOperator.Gateway.Errors;
using AttentionOperator.Gateway.Metrics;
using AttentionOperator.Gateway.Queueing;
using AttentionOperator.Gateway.Requests;
using AttentionOperator.Gateway.Tracing;

namespace AttentionOperator.Gateway.Forwarding;

/// <summary>One attempt on one replica: the request or its continuation, and as much of the answer as comes.</summary>
internal sealed class UpstreamAttempt(UpstreamRequests requests, GatewayMetrics metrics, GatewayTimings timings, TimeProvider time)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);

    public async Task<AttemptEnd> RunAsync(Exchange exchange, Placement placement, AnswerStream? answer)
    {
        using var span = GatewayTracing.StartAttempt(exchange.Span, placement.Endpoint, placement.Revision.Revision);
        var end = await TryAsync(exchange, placement, answer, span);
        GatewayTracing.End(span, end);
        return end;
    }

    private async Task<AttemptEnd> TryAsync(Exchange exchange, Placement placement, AnswerStream? answer, Activity? span)
    {
        var context = exchange.Context;
        var aborted = context.RequestAborted;
        using var longest = new CancellationTokenSource(timings.LongestAnswer, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(longest.Token, aborted);
        var continued = answer is { Chunks: > 0, Id: not null };
        try
        {
            var body = continued ? UpstreamBody.Continue(exchange.Body, answer!.Id!, answer.Created, answer.TokenIds) : exchange.Body;
            using var response = await requests.SendAsync(exchange, placement.Endpoint, body, span, either.Token);
            // A request that is too large for one replica's memory is so for the others': the client gets the answer.
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable && !Says(response, "OutOfMemory")) return Refused(response, placement);
            if (continued && response.StatusCode != HttpStatusCode.OK) return AttemptEnd.Failed;
            var end = answer is not null && response.Content.Headers.ContentType?.MediaType == "text/event-stream"
                ? await StreamAsync(exchange, placement, answer, response, longest, aborted)
                : await AnswerAsync(exchange, placement, response, either.Token);
            if (continued) metrics.Continuations.WithLabels(end == AttemptEnd.Answered ? "Continued" : end.ToString()).Inc();
            return end;
        }
        catch (OperationCanceledException) when (aborted.IsCancellationRequested)
        {
            return AttemptEnd.ClientGone;
        }
        catch (OperationCanceledException) when (longest.IsCancellationRequested)
        {
            exchange.Reason = "UpstreamTimeout";
            metrics.Refusals.WithLabels(exchange.Reason).Inc();
            await new GatewayError(504, exchange.Reason, $"No answer came within {timings.LongestAnswer.TotalMinutes:F0} minutes.").WriteAsync(context);
            return AttemptEnd.TimedOut;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            if (aborted.IsCancellationRequested) return AttemptEnd.ClientGone;
            exchange.Failure = e.InnerException?.Message ?? e.Message;
            // Half of an answer that is no stream cannot be taken back; the client must see that it is incomplete.
            if (answer is not null || !context.Response.HasStarted) return AttemptEnd.Failed;
            exchange.Reason = "AnswerBroken";
            context.Abort();
            return AttemptEnd.BrokenOff;
        }
    }

    private static bool Says(HttpResponseMessage response, string reason) => response.Headers.TryGetValues(HeaderNames.Reason, out var reasons) && reasons.Contains(reason);

    private AttemptEnd Refused(HttpResponseMessage response, Placement placement)
    {
        if (Says(response, "EngineFailed")) placement.Endpoint.Failed(time.GetUtcNow());
        // Not for as long as a client should wait: slots become free sooner. And not at once, whatever it says.
        var asked = response.Headers.RetryAfter?.Delta ?? timings.RefusalPause;
        var pause = TimeSpan.FromTicks(Math.Clamp(asked.Ticks, Math.Min(ShortestPause.Ticks, timings.RefusalPause.Ticks), timings.RefusalPause.Ticks));
        placement.Endpoint.Refused(time.GetUtcNow(), pause);
        return AttemptEnd.Refused;
    }

    private async Task<AttemptEnd> StreamAsync(Exchange exchange, Placement placement, AnswerStream answer, HttpResponseMessage response, CancellationTokenSource longest, CancellationToken aborted)
    {
        var context = exchange.Context;
        if (!context.Response.HasStarted)
        {
            await UpstreamRequests.CopyHeadAsync(context, response, placement.Revision.Revision, aborted);
            context.Response.ContentLength = null;
        }

        longest.CancelAfter(Timeout.InfiniteTimeSpan);
        using var upstream = await response.Content.ReadAsStreamAsync(aborted);
        var relay = new StreamRelay(answer, context.Response, time);
        var end = await relay.RunAsync(upstream, mayContinue: true, () =>
        {
            exchange.TimeToFirstToken = time.GetElapsedTime(exchange.StartedAt);
            exchange.Identify(answer.Id);
        }, aborted);
        exchange.Identify(answer.Id);
        exchange.Usage = answer.Usage ?? new TokenUsage(exchange.InputTokens ?? 0, Math.Max(answer.TokenIds.Count, answer.Chunks));
        switch (end)
        {
            case StreamOutcome.Complete:
                placement.Endpoint.Succeeded();
                return AttemptEnd.Answered;
            case StreamOutcome.Error:
                exchange.Reason = "StreamError";
                return AttemptEnd.BrokenOff;
            case StreamOutcome.ClientGone:
                return AttemptEnd.ClientGone;
            case StreamOutcome.GivenBack:
                placement.Endpoint.Refused(time.GetUtcNow(), timings.RefusalPause);
                return AttemptEnd.GivenBack;
            case StreamOutcome.Broken when answer.Chunks == 0 || (answer.CanContinue && answer.Id is not null):
                return AttemptEnd.Failed;
            default:
                exchange.Reason = "StreamBroken";
                metrics.Continuations.WithLabels("Impossible").Inc();
                await new GatewayError(502, "StreamBroken", "The replica that generated this answer went away in the middle of it; the answer is incomplete and cannot be continued. Send the request again.").WriteAsync(context);
                return AttemptEnd.BrokenOff;
        }
    }

    private async Task<AttemptEnd> AnswerAsync(Exchange exchange, Placement placement, HttpResponseMessage response, CancellationToken cancellation)
    {
        var context = exchange.Context;
        exchange.UpstreamStatus = (int)response.StatusCode;
        if (context.Response.HasStarted)
        {
            // The client waits for a stream and has comments already: the runtime's refusal becomes an event.
            var error = await response.Content.ReadAsByteArrayAsync(cancellation);
            exchange.Reason = $"Status{(int)response.StatusCode}";
            await context.Response.Body.WriteAsync((byte[])[.. "data: "u8, .. error.Where(b => b is not ((byte)'\n' or (byte)'\r')), .. "\n\n"u8], cancellation);
        }
        else
        {
            var (usage, whole) = await BufferedAnswer.RelayAsync(response, context, () => UpstreamRequests.CopyHeadAsync(context, response, placement.Revision.Revision, cancellation), exchange.Captures, exchange.Identify, cancellation);
            exchange.Captured = whole;
            exchange.Usage = usage ?? default;
        }

        if ((int)response.StatusCode < 500) placement.Endpoint.Succeeded();
        else if (response.StatusCode != HttpStatusCode.GatewayTimeout && !Says(response, "OutOfMemory")) placement.Endpoint.Failed(time.GetUtcNow());
        return AttemptEnd.Answered;
    }
}
