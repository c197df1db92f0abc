using System.Text;
using System.Text.Json.Nodes;
using AttentionOperator.Api.Naming;
using AttentionOperator.Api.Validation;

namespace AttentionOperator.Admission;

/// <summary>Answers in the form of <c>admission.k8s.io/v1</c>.</summary>
internal static class AdmissionReply
{
    // The API server cuts longer warnings off, and drops all once they pass 4096 characters.
    private const int LongestWarning = 256;
    private const int MostWarnings = 16;

    public static JsonObject Verdict(string uid, string name, AdmissionVerdict verdict)
    {
        var response = new JsonObject { ["uid"] = uid, ["allowed"] = verdict.Errors.Count == 0 };
        if (verdict.Errors.Count > 0)
        {
            response["status"] = Invalid(name, verdict.Errors);
        }

        if (verdict.Warnings.Count > 0)
        {
            response["warnings"] = new JsonArray([.. verdict.Warnings.Take(MostWarnings).Select(text => (JsonNode)(text.Length <= LongestWarning ? text : text[..(LongestWarning - 1)] + "…"))]);
        }

        return Review(response);
    }

    public static JsonObject Patch(string uid, JsonArray operations)
    {
        var response = new JsonObject { ["uid"] = uid, ["allowed"] = true };
        if (operations.Count > 0)
        {
            response["patchType"] = "JSONPatch";
            response["patch"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(operations.ToJsonString()));
        }

        return Review(response);
    }

    private static JsonObject Invalid(string name, IReadOnlyList<FieldError> errors) => new()
    {
        ["status"] = "Failure",
        ["code"] = StatusCodes.Status422UnprocessableEntity,
        ["reason"] = "Invalid",
        ["message"] = string.Join("; ", errors),
        ["details"] = new JsonObject
        {
            ["group"] = ApiNames.Group,
            ["kind"] = ApiNames.Kind,
            ["name"] = name,
            ["causes"] = new JsonArray([.. errors.Select(error => (JsonNode)new JsonObject { ["reason"] = "FieldValueInvalid", ["field"] = error.Field, ["message"] = error.Message })]),
        },
    };

    private static JsonObject Review(JsonObject response) => new() { ["apiVersion"] = "admission.k8s.io/v1", ["kind"] = "AdmissionReview", ["response"] = response };
}
