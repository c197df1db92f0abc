using System.Text.Json;
using AttentionOperator.Gateway.Admission;
using AttentionOperator.Gateway.Errors;
using AttentionOperator.Gateway.Requests;
using AttentionOperator.Gateway.Routing;
using AttentionOperator.Gateway.Slis;

namespace AttentionOperator.Gateway.Feedback;

/// <summary><c>POST /v1/feedback</c>: <c>{"id":"cmpl-…","good":true}</c> or <c>{"id":"…","score":0.8}</c> (good from 0.5) judges an answer for the quality objectives.</summary>
internal sealed class FeedbackEndpoint(ResponseMemory memory, RoutingTableSource routing, Authenticator authenticator, SliRegistry slis)
{
    private const int MaxBodyBytes = 16 * 1024;
    private const double GoodFrom = 0.5;

    public async Task HandleAsync(HttpContext context)
    {
        using var body = await BufferedBody.ReadAsync(context.Request, MaxBodyBytes, context.RequestAborted);
        var error = body is null ? new GatewayError(413, "BodyTooLarge", $"The body is larger than {MaxBodyBytes} bytes.") : Judge(context, body.Memory);
        if (error is null) context.Response.StatusCode = StatusCodes.Status204NoContent;
        else await error.WriteAsync(context);
    }

    private GatewayError? Judge(HttpContext context, ReadOnlyMemory<byte> body)
    {
        if (Read(body, out var id, out var good) is { } malformed) return malformed;
        var unknown = new GatewayError(404, "ResponseUnknown", $"The answer '{RequestHeaders.Shorten(id)}' is not known here: it is too old, was judged already, came from another gateway, or its model has no quality objective.", "id");
        if (memory.Find(id) is not { } answer || routing.Table.Get(answer.Model) is not { } route) return unknown;
        if (authenticator.Check(context, route).Error is { } denied) return denied;
        if (!memory.Take(id)) return unknown;
        slis.For(answer.Model).Revision(answer.Revision).Feedback(good);
        return null;
    }

    private static GatewayError? Read(ReadOnlyMemory<byte> body, out string id, out bool good)
    {
        (id, good) = ("", false);
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) return Malformed("a JSON object is expected", null);
            if (!root.TryGetProperty("id", out var idValue) || idValue.ValueKind != JsonValueKind.String) return Malformed("'id' must be the answer's id", "id");
            id = idValue.GetString()!;
            var hasGood = root.TryGetProperty("good", out var goodValue);
            var hasScore = root.TryGetProperty("score", out var score);
            if (hasGood == hasScore) return Malformed("either 'good' or 'score' is expected", "good");
            if (hasGood && goodValue.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) return Malformed("'good' must be true or false", "good");
            if (hasScore && (score.ValueKind != JsonValueKind.Number || score.GetDouble() is not (>= 0 and <= 1))) return Malformed("'score' must be a number from 0 to 1", "score");
            good = hasGood ? goodValue.GetBoolean() : score.GetDouble() >= GoodFrom;
            return null;
        }
        catch (JsonException e)
        {
            return Malformed(e.Message, null);
        }
    }

    private static GatewayError Malformed(string problem, string? param) => new(400, "MalformedFeedback", $"The feedback could not be read: {problem}.", param);
}
