using System.Text.Json;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Gateway.Admission;
using AttentionOperator.Gateway.Caching;
using AttentionOperator.Gateway.Errors;
using AttentionOperator.Gateway.Feedback;
using AttentionOperator.Gateway.Forwarding;
using AttentionOperator.Gateway.Metrics;
using AttentionOperator.Gateway.Mirroring;
using AttentionOperator.Gateway.Queueing;
using AttentionOperator.Gateway.Routing;
using AttentionOperator.Gateway.Sampling;
using AttentionOperator.Gateway.Slis;
using AttentionOperator.Gateway.Tracing;

namespace AttentionOperator.Gateway.Requests;

/// <summary>Takes a client's request from its first byte to its last: read, find the model, admit, place, forward, count.</summary>
internal sealed class ProxyEndpoint(RoutingTableSource routing, Admittance admittance, RequestForwarder forwarder, Mirror mirror, ResponseMemory answers, CachedRequests cached, RequestSampler sampler, SliRegistry slis, QueueLimits queueLimits, GatewayLimits limits, GatewayMetrics metrics, AuditLog audit, TimeProvider time)
{
    public async Task HandleAsync(HttpContext context)
    {
        InternalHeaders.Strip(context.Request.Headers);
        using var body = await BufferedBody.ReadAsync(context.Request, limits.MaxBodyBytes, context.RequestAborted);
        var startedAt = time.GetTimestamp();
        if (body is null)
        {
            await RefuseAsync(context, new GatewayError(413, "BodyTooLarge", $"The body is larger than {limits.MaxBodyBytes} bytes. Send a shorter input."));
            return;
        }

        if (Read(body, out var facts) is { } malformed)
        {
            await RefuseAsync(context, malformed);
            return;
        }

        var lookup = routing.Table.Find(facts.Model!);
        if (lookup.Route is not { } route)
        {
            await RefuseAsync(context, NotFound(facts.Model!, lookup));
            return;
        }

        await ServeAsync(context, route, facts, body.Memory, startedAt);
    }

    private async Task ServeAsync(HttpContext context, ModelRoute route, RequestFacts facts, ReadOnlyMemory<byte> body, long startedAt)
    {
        var (admission, refusal) = await admittance.AdmitAsync(context, route, facts, body);
        if (admission is null)
        {
            await RefuseAsync(context, refusal!);
            return;
        }

        slis.For(route.Key).Arrived(time.GetUtcNow());
        Exchange? exchange = null;
        var span = GatewayTracing.StartRequest(context.Request.Headers, context.Request.Path, route);
        try
        {
            if (Ticket(context, route, facts, body, admission, out var deadline, out var ticket) is { } malformed)
            {
                await RefuseAsync(context, malformed);
                return;
            }

            exchange = new Exchange
            {
                Context = context,
                Route = route,
                Facts = facts,
                Body = UpstreamBody.Build(body, facts, addUsage: ClientPaths.Generates(context.Request.Path), admission.MaxTokens),
                Ticket = ticket,
                StartedAt = startedAt,
                Deadline = deadline,
                InputTokens = admission.InputTokens,
                Span = span,
                Identified = Remember,
            };
            var key = cached.KeyOf(exchange, admission.Caller, body.Span);
            if (key is { } repeated && await cached.TryAnswerAsync(exchange, repeated)) return;
            var isSample = sampler.IsTurn();
            if (isSample) exchange.Captures = true;
            mirror.Offer(exchange);
            await forwarder.SendAsync(exchange);
            if (key is { } fresh) cached.Keep(fresh, exchange);
            if (isSample) sampler.Write(exchange, body.Span);
        }
        catch (JsonException e)
        {
            await RefuseAsync(context, new GatewayError(400, "MalformedJson", e.Message));
        }
        finally
        {
            Settle(admission, exchange, startedAt);
            GatewayTracing.End(span, exchange, context.Response.StatusCode);
        }
    }

    private void Settle(Admission.Admission admission, Exchange? exchange, long startedAt)
    {
        admission.Reservation.Settle(exchange?.Usage ?? default);
        if (exchange is null) return;
        var context = exchange.Context;
        var code = context.RequestAborted.IsCancellationRequested ? 499 : context.Response.StatusCode;
        var duration = time.GetElapsedTime(startedAt);
        metrics.Finished(exchange, code, duration);
        audit.Served(exchange, admission.Caller, code, duration);
    }

    private void Remember(Exchange exchange, string id)
    {
        if (exchange.Revision is { } revision && HasQualityObjective(exchange.Route)) answers.Remember(id, exchange.Route.Key, revision);
    }

    private static bool HasQualityObjective(ModelRoute route) => route.Spec.Slo?.Objectives.Any(o => o.Type == ObjectiveType.Quality) == true;

    private static GatewayError? Read(BufferedBody body, out RequestFacts facts)
    {
        facts = default;
        try
        {
            facts = RequestFacts.Read(body.Memory.Span);
        }
        catch (JsonException e)
        {
            return new GatewayError(400, "MalformedJson", $"The body could not be read: {e.Message}");
        }

        if (facts.HasInternalField) return new GatewayError(403, "InternalField", "The field 'attention_continuation' is the gateway's own. Leave it out.", "attention_continuation");
        return string.IsNullOrEmpty(facts.Model)
            ? new GatewayError(400, "ModelMissing", "The field 'model' is missing. Name one of the models that GET /v1/models lists.", "model")
            : null;
    }

    private GatewayError? Ticket(HttpContext context, ModelRoute route, in RequestFacts facts, ReadOnlyMemory<byte> body, Admission.Admission admission, out DateTimeOffset? deadline, out QueueTicket ticket)
    {
        ticket = new QueueTicket();
        var headers = context.Request.Headers;
        if (RequestHeaders.Deadline(headers, time.GetUtcNow(), out deadline) is { } badDeadline) return badDeadline;
        if (RequestHeaders.Class(headers, out var asked) is { } badClass) return badClass;
        var @class = admission.Caller.ClassOf(asked);
        var waitUntil = time.GetUtcNow() + queueLimits.WaitOf(@class, route.IsAsleep);
        ticket = new QueueTicket
        {
            Class = @class,
            Tenant = admission.Caller.Scope.Length == 0 ? "" : $"{admission.Caller.Scope}/{admission.Caller.Tenant}",
            Tokens = (admission.InputTokens ?? body.Length / 4) + Math.Clamp(facts.MaxTokens ?? 256, 0, 4096),
            Bytes = body.Length,
            Prefix = PromptPrefix.Hash(body.Span, facts),
            AskedRevision = headers[HeaderNames.Revision].FirstOrDefault(),
            StickyKey = StickyKeyOf(route, context, facts),
            WaitUntil = deadline < waitUntil ? deadline.Value : waitUntil,
        };
        return null;
    }

    private async Task RefuseAsync(HttpContext context, GatewayError error)
    {
        metrics.Refusals.WithLabels(error.Reason).Inc();
        await error.WriteAsync(context);
    }

    private static GatewayError NotFound(string model, RouteLookup lookup) => lookup.Ambiguous is { Count: > 0 } candidates
        ? new GatewayError(404, "ModelAmbiguous", $"The model name '{model}' stands for several models. Use one of: {string.Join(", ", candidates)}.", "model")
        : new GatewayError(404, "ModelNotFound", $"The model '{RequestHeaders.Shorten(model)}' does not exist. GET /v1/models lists the models.", "model");

    private static string? StickyKeyOf(ModelRoute route, HttpContext context, in RequestFacts facts) => route.Spec.Traffic?.Sticky switch
    {
        null => null,
        { By: StickyKey.Header, Header: { } header } => context.Request.Headers[header].FirstOrDefault(),
        _ => facts.User,
    };
}
