using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Builtins;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Patch;
using AttentionOperator.Sandbox.Schema;

namespace AttentionOperator.Sandbox.Admission;

/// <summary>Calls the webhooks that Mutating- and ValidatingWebhookConfigurations register.</summary>
internal sealed class WebhookAdmission(ApiServices services, WebhookClient client) : IAdmissionPlugin
{
    private const string Prefix = "admissionregistration.k8s.io/";

    public async Task MutateAsync(AdmissionAttributes attributes)
    {
        var called = new List<JsonObject>();
        var changedAfter = false;
        foreach (var webhook in Matching("mutatingwebhookconfigurations", attributes))
        {
            var changed = await CallMutatingAsync(webhook, attributes).ConfigureAwait(false);
            if (changed && called.Count > 0) changedAfter = true;
            called.Add(webhook);
        }

        // A webhook that asked for it sees once more what later ones changed.
        if (!changedAfter) return;
        foreach (var webhook in called.Where(w => w.Text("reinvocationPolicy") == "IfNeeded"))
            await CallMutatingAsync(webhook, attributes).ConfigureAwait(false);
    }

    public async Task ValidateAsync(AdmissionAttributes attributes)
    {
        var calls = Matching("validatingwebhookconfigurations", attributes).Select(w => CallAsync(w, attributes)).ToList();
        foreach (var call in calls) await call.ConfigureAwait(false);
    }

    private async Task<bool> CallMutatingAsync(JsonObject webhook, AdmissionAttributes attributes)
    {
        var response = await CallAsync(webhook, attributes).ConfigureAwait(false);
        if (response.Text("patch") is not { Length: > 0 } encoded || attributes.Object is not { } obj) return false;
        try
        {
            var operations = JsonReading.Parse(Convert.FromBase64String(encoded)) as JsonArray ?? [];
            var before = obj.Clone();
            attributes.Object = JsonPatch.Apply(obj, operations);
            if (!attributes.Resource.IsCustom && TypeCheck.FirstMismatch(attributes.Object, attributes.Resource.Schema) is { } mismatch)
                throw ApiErrors.BadRequest(mismatch);
            return !JsonNode.DeepEquals(before, attributes.Object);
        }
        catch (Exception e) when (e is FormatException or System.Text.Json.JsonException or ApiException)
        {
            throw ApiErrors.Internal($"admission webhook \"{webhook.Text("name")}\" returned an invalid patch: {e.Message}");
        }
    }

    private async Task<JsonObject> CallAsync(JsonObject webhook, AdmissionAttributes attributes)
    {
        var name = webhook.Text("name") ?? "";
        if (attributes.Options.DryRun && webhook.Text("sideEffects") is not ("None" or "NoneOnDryRun"))
            throw ApiErrors.BadRequest($"admission webhook \"{name}\" does not support dry run");
        JsonObject response;
        try
        {
            response = await client.SendAsync(webhook, AdmissionReviews.Request(attributes, webhook)).ConfigureAwait(false);
        }
        catch (WebhookFailedException e)
        {
            if (webhook.Text("failurePolicy") == "Ignore")
            {
                return new JsonObject { ["allowed"] = true };
            }

            throw ApiErrors.Internal($"failed calling webhook \"{name}\": {e.Message}");
        }

        foreach (var warning in response.Array("warnings") ?? []) attributes.Options.Warnings.Add(warning.AsText() ?? "");
        return response.Flag("allowed") == true ? response : throw AdmissionReviews.Denied(name, response);
    }

    private List<JsonObject> Matching(string plural, AdmissionAttributes attributes)
    {
        // The configurations themselves are exempt: a broken webhook must not keep anyone from removing it.
        if (attributes.Resource.Group == "admissionregistration.k8s.io") return [];
        return services.Context.Store.Snapshot(Prefix + plural).Objects(null)
            .SelectMany(c => c.Parse().Array("webhooks").Objects().ToList())
            .Where(w => WebhookRules.Match(w, attributes) && Selected(w, attributes) && MatchConditions.Hold(w, attributes)).ToList();
    }

    private bool Selected(JsonObject webhook, AdmissionAttributes attributes)
    {
        if (webhook.Object("namespaceSelector") is { } namespaces && !LabelSelectors.IsEmpty(namespaces))
        {
            var labels = attributes.Resource.StorageKey == "/namespaces"
                ? (attributes.Object ?? attributes.OldObject).At("metadata", "labels") as JsonObject
                : services.Context.Store.Find("/namespaces", "", attributes.Namespace)?.Parse().At("metadata", "labels") as JsonObject;
            if (attributes.Namespace.Length > 0 && !LabelSelectors.Matches(namespaces, labels)) return false;
        }

        if (webhook.Object("objectSelector") is not { } objects || LabelSelectors.IsEmpty(objects)) return true;
        return LabelSelectors.Matches(objects, attributes.Object.At("metadata", "labels") as JsonObject)
            || LabelSelectors.Matches(objects, attributes.OldObject.At("metadata", "labels") as JsonObject);
    }
}
