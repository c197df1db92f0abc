using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Schema;
using Cel;

namespace AttentionOperator.Sandbox.Admission;

/// <summary>The CEL expressions by which a webhook narrows what it is asked about, over <c>object</c>, <c>oldObject</c> and <c>request</c>.</summary>
internal static class MatchConditions
{
    /// <summary>Whether all conditions hold. One that is false decides; only without such a one does an error count, by the webhook's failurePolicy.</summary>
    public static bool Hold(JsonObject webhook, AdmissionAttributes attributes)
    {
        if (webhook.Array("matchConditions") is not { Count: > 0 } conditions) return true;
        var request = AdmissionReviews.Request(attributes, webhook).Object("request")!;
        request.Remove("object");
        request.Remove("oldObject");
        var variables = new Dictionary<string, object?>
        {
            ["object"] = CelValues.From(attributes.Object, null),
            ["oldObject"] = CelValues.From(attributes.OldObject, null),
            ["request"] = CelValues.From(request, null),
        };
        var failures = new List<string>();
        foreach (var condition in conditions.Objects())
        {
            try
            {
                if (CelValidation.Run(condition.Text("expression") ?? "", variables) is not true) return false;
            }
            catch (CelException e)
            {
                failures.Add($"{condition.Text("name")}: {e.Message}");
            }
        }

        if (failures.Count == 0) return true;
        if (webhook.Text("failurePolicy") == "Ignore") return false;
        throw new ApiException(403, "Forbidden", $"{attributes.Resource.QualifiedPlural} \"{attributes.Name}\" is forbidden: {string.Join("; ", failures)}", ApiErrors.Details(attributes.Resource, attributes.Name));
    }
}
