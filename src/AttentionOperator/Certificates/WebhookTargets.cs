using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionOperator.Kube.Objects;

namespace AttentionOperator.Certificates;

/// <summary>Webhook configurations whose caBundle is kept. Of each webhook that leads to the operator's Service that one field is applied, and nothing else.</summary>
internal static class WebhookTargets
{
    private const string Group = "admissionregistration.k8s.io";

    /// <param name="name">Of the MutatingWebhookConfiguration and of the ValidatingWebhookConfiguration.</param>
    /// <param name="service">The operator's Service.</param>
    public static IEnumerable<CaBundleTarget> Of(string name, ObjectKey service) =>
    [
        Target(new ResourceKind(Group, "v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", false), name, service),
        Target(new ResourceKind(Group, "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", false), name, service),
    ];

    private static CaBundleTarget Target(ResourceKind resource, string name, ObjectKey service) => new(resource, name, (live, trust) => Patch(resource, name, service, live, trust));

    private static byte[]? Patch(ResourceKind resource, string name, ObjectKey service, JsonElement live, byte[] trust)
    {
        var bundle = Convert.ToBase64String(trust);
        var ours = JsonNode.Parse(live.GetRawText())?["webhooks"]?.AsArray().Where(webhook => LeadsTo(webhook, service)).ToList() ?? [];
        if (ours.All(webhook => webhook!["clientConfig"]!["caBundle"]?.GetValue<string>() == bundle))
        {
            return null;
        }

        return JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["apiVersion"] = resource.ApiVersion,
            ["kind"] = resource.Kind,
            // With its uid an apply never creates again what somebody has just deleted.
            ["metadata"] = new JsonObject { ["name"] = name, ["uid"] = live.GetProperty("metadata").GetProperty("uid").GetString() },
            ["webhooks"] = new JsonArray([.. ours.Select(webhook => new JsonObject { ["name"] = webhook!["name"]!.DeepClone(), ["clientConfig"] = new JsonObject { ["caBundle"] = bundle } })]),
        });
    }

    private static bool LeadsTo(JsonNode? webhook, ObjectKey service) =>
        webhook?["clientConfig"]?["service"] is { } target
        && target["name"]?.GetValue<string>() == service.Name
        && target["namespace"]?.GetValue<string>() == service.Namespace;
}
