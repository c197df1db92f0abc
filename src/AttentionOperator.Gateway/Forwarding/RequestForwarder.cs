using AttentionOperator.Gateway.Errors;
using AttentionOperator.Gateway.Metrics;
using AttentionOperator.Gateway.Queueing;
using AttentionOperator.Gateway.Slis;

namespace AttentionOperator.Gateway.Forwarding;

/// <summary>
/// Brings a request to an answer: waits for a replica with room, tries it, and goes to another one when the first did no work, died, or gave the answer
/// back half-way. The client sees one answer.
/// </summary>
internal sealed partial class RequestForwarder(UpstreamAttempt attempts, QueueRegistry queues, SliRegistry slis, GatewayMetrics metrics, GatewayTimings timings, TimeProvider time, ILogger<RequestForwarder> logger)
{
    private const int MaxFailures = 3;

    /// <summary>Writes the answer, or an error, to the client and counts the outcome.</summary>
    public async Task SendAsync(Exchange exchange)
    {
        var context = exchange.Context;
        var answer = exchange.Facts.Stream ? new AnswerStream(exchange.Facts.IncludeUsage, canAskUsage: true) : null;
        var queue = queues.For(exchange.Route.Key);
        string? failedRevision = null;
        var failures = 0;
        while (true)
        {
            var waitingSince = time.GetTimestamp();
            var (placement, refusal) = await queue.EnterAsync(exchange.Ticket, answer is null ? null : length => CommentAsync(context, length), timings.CommentInterval, context.RequestAborted);
            if (placement is null)
            {
                CountFailure(exchange, failedRevision ?? (refusal is QueueRefusal.Saturated ? exchange.Ticket.Revision : null));
                await RefuseAsync(exchange, answer, refusal, queue);
                return;
            }

            metrics.Placed(exchange.Route.Key, time.GetElapsedTime(waitingSince));
            if (failedRevision is not null && failedRevision != placement.Revision.Revision) CountFailure(exchange, failedRevision);
            AttemptEnd end;
            using (placement)
            {
                exchange.Revision = placement.Revision.Revision;
                var counters = slis.For(exchange.Route.Key);
                counters.Revision(exchange.Revision).Begin();
                RequestOutcome? outcome = null;
                try
                {
                    end = await attempts.RunAsync(exchange, placement, answer);
                    outcome = Outcome(exchange, end);
                }
                finally
                {
                    counters.Revision(exchange.Revision).End(outcome);
                }
            }

            if (end is AttemptEnd.Answered or AttemptEnd.BrokenOff or AttemptEnd.ClientGone or AttemptEnd.TimedOut) return;
            LogRetry(logger, exchange.Route.Namespace, exchange.Route.Name, exchange.Revision, placement.Endpoint.Pod, end, failures + 1, exchange.Failure ?? "");
            metrics.Retries.WithLabels(end.ToString()).Inc();
            failedRevision = null;
            if (end == AttemptEnd.Refused) continue;
            PinTo(exchange, placement, answer);
            if (end == AttemptEnd.GivenBack) continue;
            if (placement.Endpoint.Failed(time.GetUtcNow())) metrics.Ejections.Inc();
            failedRevision = exchange.Revision;
            if (++failures < MaxFailures) continue;
            CountFailure(exchange, failedRevision);
            await RefuseAsync(exchange, answer, QueueRefusal.NoReadyReplica, queue);
            return;
        }
    }

    /// <summary>A stream of which the client has a part goes on where its revision runs; what has not started may go anywhere.</summary>
    private void PinTo(Exchange exchange, Placement placement, AnswerStream? answer)
    {
        exchange.Ticket.Tried.Add(placement.Endpoint);
        if (answer is not { Chunks: > 0 }) return;
        exchange.Ticket.Pinned = true;
        exchange.Ticket.Revision = placement.Revision.Revision;
        exchange.Ticket.WaitUntil = time.GetUtcNow() + timings.ContinuationWait;
    }

    private RequestOutcome? Outcome(Exchange exchange, AttemptEnd end)
    {
        var status = exchange.UpstreamStatus ?? exchange.Context.Response.StatusCode;
        return end switch
        {
            AttemptEnd.Answered when status is >= 400 and < 500 => null,
            AttemptEnd.Answered => new RequestOutcome(status >= 500 || exchange.Reason is not null, time.GetElapsedTime(exchange.StartedAt), exchange.TimeToFirstToken, exchange.Usage.Input, exchange.Usage.Output),
            AttemptEnd.BrokenOff or AttemptEnd.TimedOut => new RequestOutcome(Failed: true, time.GetElapsedTime(exchange.StartedAt), exchange.TimeToFirstToken, exchange.Usage.Input, exchange.Usage.Output),
            _ => null,
        };
    }

    private void CountFailure(Exchange exchange, string? revision)
    {
        if (revision is null) return;
        var counters = slis.For(exchange.Route.Key).Revision(revision);
        counters.Begin();
        counters.End(new RequestOutcome(Failed: true, time.GetElapsedTime(exchange.StartedAt)));
    }

    private async Task RefuseAsync(Exchange exchange, AnswerStream? answer, QueueRefusal refusal, ModelQueue queue)
    {
        var model = exchange.Route.Key;
        var start = queue.ColdStarts.RetryAfter(timings.NoReplicaRetryAfter);
        var error = answer is { Chunks: > 0 }
            ? new GatewayError(502, "StreamBroken", "The replica that generated this answer went away in the middle of it, and no other could go on; the answer is incomplete. Send the request again.")
            : refusal switch
            {
                QueueRefusal.QueueFull => new GatewayError(503, "QueueFull", $"Too many requests wait for the model '{model}'. Try again later.", RetryAfter: exchange.Route.HasEndpoints ? queue.RetryAfter() : start),
                QueueRefusal.RevisionNotFound => new GatewayError(404, "RevisionNotFound", $"The model '{model}' has no ready replica of the revision that the header {Api.Naming.HeaderNames.Revision} names. Revisions with ready replicas: {string.Join(", ", exchange.Route.Revisions.Where(r => r.HasEndpoints).Select(r => r.Revision))}.", Api.Naming.HeaderNames.Revision),
                QueueRefusal.ModelGone => new GatewayError(404, "ModelNotFound", $"The model '{model}' was deleted while the request waited.", "model"),
                _ when exchange.Deadline <= time.GetUtcNow() => new GatewayError(504, "DeadlineExceeded", $"The deadline that the header {Api.Naming.HeaderNames.Deadline} names passed while the request waited."),
                QueueRefusal.Saturated => new GatewayError(503, "Saturated", $"Every replica of the model '{model}' was busy for as long as the request could wait. Try again later.", RetryAfter: queue.RetryAfter()),
                _ => new GatewayError(503, "NoReadyReplica", $"No replica of the model '{model}' is ready. Try again later.", RetryAfter: start),
            };
        exchange.Reason = error.Reason;
        metrics.Refusals.WithLabels(error.Reason).Inc();
        await error.WriteAsync(exchange.Context);
    }

    /// <summary>Tells whoever waits for a stream that it waits, and keeps proxies from closing the connection. From here on errors are events.</summary>
    private static async ValueTask CommentAsync(HttpContext context, int waiting)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.ContentType = "text/event-stream; charset=utf-8";
            context.Response.Headers.CacheControl = "no-cache";
        }

        await context.Response.WriteAsync($": waiting, {waiting} in line\n\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    [LoggerMessage(1, LogLevel.Warning, "Attempt for {Namespace}/{Model} revision {Revision} on pod {Pod} ended as {End}; failures so far: {Failures}. {Problem}")]
    private static partial void LogRetry(ILogger logger, string @namespace, string model, string revision, string pod, AttemptEnd end, int failures, string problem);
}
