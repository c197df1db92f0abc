using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Builtins;

internal sealed class WebhookConfigurationRules : IKindRules
{
    public void Default(JsonObject obj)
    {
        var mutating = obj.Text("kind") == "MutatingWebhookConfiguration";
        foreach (var webhook in obj.Array("webhooks").Objects())
        {
            webhook.Default("failurePolicy", "Fail");
            webhook.Default("matchPolicy", "Equivalent");
            webhook.Default("timeoutSeconds", 10);
            webhook.Default("namespaceSelector", new JsonObject());
            webhook.Default("objectSelector", new JsonObject());
            if (mutating) webhook.Default("reinvocationPolicy", "Never");
            webhook.Object("clientConfig").Object("service")?.Default("port", 443);
            foreach (var rule in webhook.Array("rules").Objects()) rule.Default("scope", "*");
        }
    }

    public void Validate(JsonObject obj, JsonObject? live, List<FieldError> errors)
    {
        var index = 0;
        foreach (var webhook in obj.Array("webhooks").Objects())
        {
            var path = $"webhooks[{index++}]";
            if (webhook.Text("name")?.Split('.').Length < 3)
                errors.Add(FieldError.Invalid($"{path}.name", webhook["name"], "should be a domain with at least three segments separated by dots"));
            var config = webhook.Object("clientConfig");
            if ((config?["url"] is null) == (config?["service"] is null)) errors.Add(FieldError.Required($"{path}.clientConfig", "exactly one of url or service is required"));
            if (config.Text("url") is { } url && !url.StartsWith("https://", StringComparison.Ordinal))
                errors.Add(FieldError.Invalid($"{path}.clientConfig.url", url, "'https' is the only allowed URL scheme; desired format: https://host[/path]"));
            if (webhook.Integer("timeoutSeconds") is < 1 or > 30)
                errors.Add(FieldError.Invalid($"{path}.timeoutSeconds", webhook["timeoutSeconds"], "the timeout value must be between 1 and 30 seconds"));
            var condition = 0;
            foreach (var match in webhook.Array("matchConditions").Objects())
            {
                var at = $"{path}.matchConditions[{condition++}]";
                if (string.IsNullOrEmpty(match.Text("name"))) errors.Add(FieldError.Required($"{at}.name", ""));
                if (match.Text("expression") is not { Length: > 0 } expression) errors.Add(FieldError.Required($"{at}.expression", ""));
                else if (Schema.CelValidation.CompileError(expression) is { } error) errors.Add(FieldError.Invalid($"{at}.expression", expression, $"compilation failed: {error}"));
            }

            if (webhook.Text("sideEffects") is { } effects and not ("None" or "NoneOnDryRun"))
                errors.Add(FieldError.NotSupported($"{path}.sideEffects", effects, ["None", "NoneOnDryRun"]));
        }
    }
}
