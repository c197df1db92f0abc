using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Admission;

/// <summary>Writes admission.k8s.io/v1 requests and reads denials.</summary>
internal static class AdmissionReviews
{
    public static JsonObject Request(AdmissionAttributes attributes, JsonObject webhook)
    {
        var resource = attributes.Resource;
        var version = webhook.Array("admissionReviewVersions")?.Select(v => v.AsText()).FirstOrDefault(v => v is "v1" or "v1beta1") ?? "v1";
        var kind = new JsonObject { ["group"] = resource.Group, ["version"] = resource.Version, ["kind"] = resource.Kind };
        var plural = new JsonObject { ["group"] = resource.Group, ["version"] = resource.Version, ["resource"] = resource.Plural };
        var request = new JsonObject
        {
            ["uid"] = Guid.NewGuid().ToString(),
            ["kind"] = kind,
            ["resource"] = plural,
            ["requestKind"] = kind.DeepClone(),
            ["requestResource"] = plural.DeepClone(),
            ["name"] = attributes.Name,
            ["operation"] = attributes.Operation,
            ["userInfo"] = new JsonObject
            {
                ["username"] = attributes.Options.User.Name,
                ["groups"] = new JsonArray([.. attributes.Options.User.Groups.Select(g => (JsonNode)JsonValue.Create(g))]),
            },
            ["object"] = attributes.Object?.DeepClone(),
            ["oldObject"] = attributes.OldObject?.DeepClone(),
            ["dryRun"] = attributes.Options.DryRun,
            ["options"] = new JsonObject
            {
                ["kind"] = attributes.Operation switch { "CREATE" => "CreateOptions", "DELETE" => "DeleteOptions", _ => "UpdateOptions" },
                ["apiVersion"] = "meta.k8s.io/v1",
            },
        };
        if (attributes.Namespace.Length > 0) request["namespace"] = attributes.Namespace;
        if (attributes.Subresource.Length > 0)
        {
            request["subResource"] = attributes.Subresource;
            request["requestSubResource"] = attributes.Subresource;
        }

        return new JsonObject { ["kind"] = "AdmissionReview", ["apiVersion"] = $"admission.k8s.io/{version}", ["request"] = request };
    }

    public static ApiException Denied(string webhook, JsonObject response)
    {
        var status = response.Object("status");
        // A denial that names no error code is a bad request, as in the API server.
        var code = (int)(status.Integer("code") ?? 0);
        if (code is < 400 or > 599) code = 400;
        var reason = status.Text("reason") ?? "";
        var explained = status.Text("message") is { Length: > 0 } message
            ? $"admission webhook \"{webhook}\" denied the request: {message}"
            : status.Text("reason") is { Length: > 0 } why
                ? $"admission webhook \"{webhook}\" denied the request: {why}"
                : $"admission webhook \"{webhook}\" denied the request without explanation";
        return new ApiException(code, reason, explained, status.Object("details")?.Clone());
    }
}
