using System.Text.Json;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Api.Validation;
using Prometheus;

namespace AttentionOperator.Admission;

/// <summary>The webhooks: <c>/admission/default</c> and <c>/admission/validate</c>. Neither changes anything but its answer.</summary>
internal static class AdmissionEndpoints
{
    public const string Prefix = "/admission";

    private const string Json = "application/json";

    private static readonly Counter Reviews = Metrics.CreateCounter("attention_operator_admission_reviews_total", "Reviews that the API server asked for, by webhook and answer.", ["webhook", "answer"]);

    public static void Map(WebApplication app)
    {
        app.MapPost(Prefix + "/default", async (HttpRequest http) =>
        {
            using var review = await JsonDocument.ParseAsync(http.Body, default, http.HttpContext.RequestAborted);
            Reviews.WithLabels("default", "allowed").Inc();
            return Reply(review.RootElement, request => AdmissionReply.Patch(request.Uid, ModelDefaulting.Patch(request)));
        });
        app.MapPost(Prefix + "/validate", async (HttpRequest http, ModelAdmission admission) =>
        {
            using var review = await JsonDocument.ParseAsync(http.Body, default, http.HttpContext.RequestAborted);
            try
            {
                var request = AdmissionRequest.Read(review.RootElement);
                var verdict = await admission.JudgeAsync(request, http.HttpContext.RequestAborted);
                Reviews.WithLabels("validate", verdict.Errors.Count > 0 ? "denied" : "allowed").Inc();
                return Results.Text(AdmissionReply.Verdict(request.Uid, request.Model.Metadata.Name ?? "", verdict).ToJsonString(), Json);
            }
            catch (JsonException e)
            {
                return Unreadable(review.RootElement, e);
            }
        });
    }

    private static IResult Reply(JsonElement review, Func<AdmissionRequest, System.Text.Json.Nodes.JsonObject> answer)
    {
        try
        {
            return Results.Text(answer(AdmissionRequest.Read(review)).ToJsonString(), Json);
        }
        catch (JsonException e)
        {
            return Unreadable(review, e);
        }
    }

    // What the schema let through and this build cannot read (a newer definition) would stall in the operator too; saying so at once is better.
    private static IResult Unreadable(JsonElement review, JsonException error) => AdmissionRequest.UidOf(review) is { Length: > 0 } uid
        ? Results.Text(AdmissionReply.Verdict(uid, "", new AdmissionVerdict([new FieldError(FieldOf(error), error.Message)], [])).ToJsonString(), Json)
        : Results.BadRequest(error.Message);

    private static string FieldOf(JsonException error) => error.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : nameof(AttentionModel);
}
