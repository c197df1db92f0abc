using System.Text.Json;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Gateway.Errors;
using AttentionOperator.Gateway.Forwarding;
using AttentionOperator.Gateway.Routing;
using AttentionOperator.Gateway.Slis;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Gateway.Requests;

/// <summary>Takes a client's request from its first byte to its last: read, find the model, place, forward, count.</summary>
internal sealed class ProxyEndpoint(RoutingTableSource routing, RequestForwarder forwarder, SliRegistry slis, GatewayLimits limits, TimeProvider time)
{
    public async Task HandleAsync(HttpContext context)
    {
        StripInternalHeaders(context.Request.Headers);
        using var body = await BufferedBody.ReadAsync(context.Request, limits.MaxBodyBytes, context.RequestAborted);
        if (body is null)
        {
            await new GatewayError(413, "BodyTooLarge", $"The body is larger than {limits.MaxBodyBytes} bytes. Send a shorter input.").WriteAsync(context);
            return;
        }

        if (Read(body, out var facts) is { } malformed)
        {
            await malformed.WriteAsync(context);
            return;
        }

        var lookup = routing.Table.Find(facts.Model!);
        if (lookup.Route is not { } route)
        {
            await NotFound(facts.Model!, lookup).WriteAsync(context);
            return;
        }

        await PlaceAsync(context, route, facts, body);
    }

    private async Task PlaceAsync(HttpContext context, ModelRoute route, RequestFacts facts, BufferedBody body)
    {
        var counters = slis.For(new ObjectKey(route.Namespace, route.Name));
        counters.Arrived(time.GetUtcNow());
        var asked = context.Request.Headers[HeaderNames.Revision].FirstOrDefault();
        if (route.Choose(asked, StickyKeyOf(route, context, facts)) is not { } revision)
        {
            await NothingServes(route, asked).WriteAsync(context);
            return;
        }

        counters.Revision(revision.Revision).Begin();
        RequestOutcome? outcome = null;
        try
        {
            outcome = await forwarder.SendAsync(context, route, revision, body, EstimateTokens(body.Length, facts.MaxTokens));
        }
        finally
        {
            counters.Revision(revision.Revision).End(outcome);
        }
    }

    private static GatewayError? Read(BufferedBody body, out RequestFacts facts)
    {
        facts = default;
        try
        {
            facts = RequestFacts.Read(body.Memory.Span);
        }
        catch (JsonException e)
        {
            return new GatewayError(400, "MalformedJson", $"The body could not be read as JSON: {e.Message}");
        }

        return string.IsNullOrEmpty(facts.Model)
            ? new GatewayError(400, "ModelMissing", "The field 'model' is missing. Name one of the models that GET /v1/models lists.", "model")
            : null;
    }

    private static GatewayError NotFound(string model, RouteLookup lookup) => lookup.Ambiguous is { Count: > 0 } candidates
        ? new GatewayError(404, "ModelAmbiguous", $"The model name '{model}' stands for several models. Use one of: {string.Join(", ", candidates)}.", "model")
        : new GatewayError(404, "ModelNotFound", $"The model '{Shorten(model)}' does not exist. GET /v1/models lists the models.", "model");

    private static GatewayError NothingServes(ModelRoute route, string? asked) => asked is null
        ? new GatewayError(503, "NoReadyReplica", $"No replica of the model '{route.Namespace}/{route.Name}' is ready. Try again later.", RetryAfter: TimeSpan.FromSeconds(5))
        : new GatewayError(404, "RevisionNotFound", $"The model '{route.Namespace}/{route.Name}' has no ready replica of the revision '{Shorten(asked)}'. Revisions with ready replicas: {string.Join(", ", route.Revisions.Where(r => r.HasEndpoints).Select(r => r.Revision))}.", HeaderNames.Revision);

    private static string? StickyKeyOf(ModelRoute route, HttpContext context, RequestFacts facts) => route.Spec.Traffic?.Sticky switch
    {
        null => null,
        { By: StickyKey.Header, Header: { } header } => context.Request.Headers[header].FirstOrDefault(),
        _ => facts.User,
    };

    /// <summary>Weight of a request for balancing: about four bytes to a token, and what it may generate.</summary>
    private static long EstimateTokens(int bytes, int? maxTokens) => (bytes / 4) + Math.Clamp(maxTokens ?? 256, 0, 4096);

    private static void StripInternalHeaders(IHeaderDictionary headers)
    {
        foreach (var name in headers.Keys.Where(k => k.StartsWith(HeaderNames.InternalPrefix, StringComparison.OrdinalIgnoreCase)).ToList()) headers.Remove(name);
    }

    private static string Shorten(string text) => text.Length <= 100 ? text : text[..100] + "…";
}
