using System.Text.Json.Nodes;
using AttentionOperator.Api.Naming;

namespace AttentionOperator.Admission;

/// <summary>What a schema's defaults cannot say. A pure function of the request, so that a dry run answers the same.</summary>
internal static class ModelDefaulting
{
    /// <summary>JSON Patch operations; none where nothing is to be added.</summary>
    public static JsonArray Patch(AdmissionRequest request)
    {
        var operations = new JsonArray();
        if (ActionToken(request) is { } action)
        {
            operations.Add((JsonNode)new JsonObject
            {
                ["op"] = "replace",
                ["path"] = "/metadata/annotations/" + AnnotationNames.RolloutAction.Replace("/", "~1", StringComparison.Ordinal),
                ["value"] = action,
            });
        }

        return operations;
    }

    /// <summary>An action that was asked for without a token gets one, so that asking for the same action again is a new wish.</summary>
    private static string? ActionToken(AdmissionRequest request) =>
        Annotation(request.Model) is { Length: > 0 } asked && !asked.Contains('@', StringComparison.Ordinal) && (request.Old is null || Annotation(request.Old) != asked)
            ? $"{asked}@{request.Uid}"
            : null;

    private static string? Annotation(Api.V1Alpha1.AttentionModel model) =>
        model.Metadata.Annotations is { } annotations && annotations.TryGetValue(AnnotationNames.RolloutAction, out var value) ? value.Trim() : null;
}
