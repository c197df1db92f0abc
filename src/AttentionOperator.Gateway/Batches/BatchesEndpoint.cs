using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Api.Values;
using AttentionOperator.Gateway.Admission;
using AttentionOperator.Gateway.Errors;
using AttentionOperator.Gateway.Requests;

namespace AttentionOperator.Gateway.Batches;

/// <summary><c>/v1/batches</c>: make, list, look at and cancel.</summary>
internal sealed class BatchesEndpoint(BatchStore batches, FileStore files, BatchRunner runner, ApiKeyStore keys, TimeProvider time)
{
    public const string Root = "/v1/batches";
    private const int MaxBodyBytes = 64 * 1024;
    private static readonly TimeSpan LongestWindow = TimeSpan.FromDays(7);
    private static readonly string[] Endpoints = ["/v1/chat/completions", "/v1/completions", "/v1/embeddings"];

    public async Task HandleAsync(HttpContext context)
    {
        var (owner, error) = BatchOwner.Of(context, keys);
        error ??= await AnswerAsync(context, owner!);
        if (error is not null) await error.WriteAsync(context);
    }

    private async Task<GatewayError?> AnswerAsync(HttpContext context, BatchOwner owner)
    {
        var (method, rest) = (context.Request.Method, context.Request.Path.Value![Root.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries));
        if (rest.Length == 0 && HttpMethods.IsPost(method)) return await MakeAsync(context, owner);
        if (rest.Length == 0 && HttpMethods.IsGet(method)) return await ListAsync(context, owner);
        if (rest.Length is 0 or > 2 || batches.Find(rest[0], owner) is not { } batch) return new GatewayError(404, "BatchNotFound", "There is no such batch of this caller.", "id");
        if (rest.Length == 2)
        {
            if (rest[1] != "cancel" || !HttpMethods.IsPost(method)) return new GatewayError(404, "PathNotFound", $"POST {Root}/{{id}}/cancel cancels a batch.");
            if (!batch.IsOver)
            {
                batches.AskCancel(batch.Id);
                batch = batch with { Status = BatchStatus.Cancelling, CancellingAt = time.GetUtcNow().ToUnixTimeSeconds() };
            }
        }
        else if (!HttpMethods.IsGet(method)) return new GatewayError(405, "MethodNotAllowed", "GET is expected.");
        else if (!batch.IsOver && batches.IsCancelAsked(batch.Id)) batch = batch with { Status = BatchStatus.Cancelling };

        await context.Response.WriteAsJsonAsync(batch.ToAnswer(), BatchJson.Options, context.RequestAborted);
        return null;
    }

    private async Task<GatewayError?> ListAsync(HttpContext context, BatchOwner owner)
    {
        var limit = int.TryParse(context.Request.Query["limit"], NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? Math.Clamp(asked, 1, 100) : 20;
        var all = batches.All().Where(b => b.Owner.Owns(owner)).OrderByDescending(b => b.CreatedAt).ThenByDescending(b => b.Id, StringComparer.Ordinal).ToList();
        if (context.Request.Query["after"].ToString() is { Length: > 0 } after) all = [.. all.SkipWhile(b => b.Id != after).Skip(1)];
        var page = all.Take(limit).ToList();
        await context.Response.WriteAsJsonAsync(
            new { @object = "list", data = page.Select(b => b.ToAnswer()), first_id = page.FirstOrDefault()?.Id, last_id = page.LastOrDefault()?.Id, has_more = all.Count > limit }, BatchJson.Options, context.RequestAborted);
        return null;
    }

    private async Task<GatewayError?> MakeAsync(HttpContext context, BatchOwner owner)
    {
        using var body = await BufferedBody.ReadAsync(context.Request, MaxBodyBytes, context.RequestAborted);
        if (body is null) return new GatewayError(413, "BodyTooLarge", $"The body is larger than {MaxBodyBytes} bytes.");
        JsonObject? asked;
        try
        {
            asked = JsonNode.Parse(body.Memory.Span) as JsonObject;
        }
        catch (JsonException)
        {
            asked = null;
        }

        if (asked is null) return Malformed("A JSON object is expected.", null);
        if (Text(asked, "endpoint") is not { } endpoint || !Endpoints.Contains(endpoint)) return Malformed($"'endpoint' must be one of {string.Join(", ", Endpoints)}.", "endpoint");
        if (Text(asked, "completion_window") is not { } window || !Durations.TryParse(window, out var longest) || longest <= TimeSpan.Zero || longest > LongestWindow) return Malformed("'completion_window' must be a duration of at most 168h, for example 24h.", "completion_window");
        if (Text(asked, "input_file_id") is not { } input || files.Find(input, owner) is null) return Malformed("'input_file_id' must be the id of a file that this caller uploaded.", "input_file_id");
        var now = time.GetUtcNow();
        var batch = new Batch
        {
            Id = BatchIds.New("batch_"),
            Endpoint = endpoint,
            InputFileId = input,
            CompletionWindow = window,
            Owner = owner,
            CreatedAt = now.ToUnixTimeSeconds(),
            ExpiresAt = (now + longest).ToUnixTimeSeconds(),
            Metadata = asked["metadata"]?.DeepClone() as JsonObject,
        };
        batches.Write(batch);
        runner.Wake();
        await context.Response.WriteAsJsonAsync(batch.ToAnswer(), BatchJson.Options, context.RequestAborted);
        return null;
    }

    private static string? Text(JsonObject asked, string name) => asked[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static GatewayError Malformed(string message, string? param) => new(400, "MalformedBatch", message, param);
}
