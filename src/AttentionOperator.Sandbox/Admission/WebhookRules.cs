using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Admission;

/// <summary>Which requests the rules of a webhook cover.</summary>
internal static class WebhookRules
{
    public static bool Match(JsonObject webhook, AdmissionAttributes attributes) =>
        webhook.Array("rules").Objects().Any(rule => Covers(rule, attributes));

    private static bool Covers(JsonObject rule, AdmissionAttributes attributes)
    {
        var scope = rule.Text("scope") ?? "*";
        var namespaced = attributes.Resource.Namespaced;
        return Has(rule, "operations", attributes.Operation)
            && Has(rule, "apiGroups", attributes.Resource.Group)
            && Has(rule, "apiVersions", attributes.Resource.Version)
            && (scope == "*" || (scope == "Namespaced") == namespaced)
            && rule.Array("resources")?.Any(r => Names(r.AsText() ?? "", attributes)) == true;
    }

    private static bool Has(JsonObject rule, string list, string value) =>
        rule.Array(list)?.Any(v => v.AsText() is { } text && (text == "*" || text == value)) == true;

    private static bool Names(string pattern, AdmissionAttributes attributes)
    {
        var parts = pattern.Split('/', 2);
        var resource = parts[0] == "*" || parts[0] == attributes.Resource.Plural;
        var subresource = parts.Length == 1 ? "" : parts[1];
        return resource && (subresource == attributes.Subresource || subresource == "*" || pattern == "*/*");
    }
}
