using System.Globalization;
using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Builtins;

internal sealed class DeploymentRules : IKindRules
{
    public void Default(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        spec.Default("replicas", 1);
        spec.Default("revisionHistoryLimit", 10);
        spec.Default("progressDeadlineSeconds", 600);
        var strategy = spec.Ensure("strategy");
        strategy.Default("type", "RollingUpdate");
        if (strategy.Text("type") == "RollingUpdate")
        {
            strategy.Ensure("rollingUpdate").Default("maxSurge", "25%");
            strategy.Ensure("rollingUpdate").Default("maxUnavailable", "25%");
        }

        if (spec.Object("template") is { } template) PodTemplates.DefaultTemplate(template);
    }

    public void Validate(JsonObject obj, JsonObject? live, List<FieldError> errors)
    {
        var spec = obj.Ensure("spec");
        NonNegative(spec, "replicas", "spec", errors);
        NonNegative(spec, "minReadySeconds", "spec", errors);
        NonNegative(spec, "revisionHistoryLimit", "spec", errors);
        WorkloadSelector(spec, live, errors);
        PodTemplates.ValidateTemplate(spec.Object("template"), spec.Object("selector"), "spec.template", errors);
        if (spec.Object("template").Object("spec").Text("restartPolicy") is { } policy and not "Always")
            errors.Add(FieldError.NotSupported("spec.template.spec.restartPolicy", policy, ["Always"]));
        ValidateStrategy(spec.Object("strategy"), errors);
        if (spec.Integer("progressDeadlineSeconds") is { } deadline && deadline <= (spec.Integer("minReadySeconds") ?? 0))
            errors.Add(FieldError.Invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"));
    }

    public static void NonNegative(JsonObject? spec, string name, string path, List<FieldError> errors)
    {
        if (spec.Integer(name) is < 0 and var value) errors.Add(FieldError.Invalid($"{path}.{name}", value, "must be greater than or equal to 0"));
    }

    public static void WorkloadSelector(JsonObject spec, JsonObject? live, List<FieldError> errors)
    {
        var selector = spec.Object("selector");
        if (selector is null) errors.Add(FieldError.Required("spec.selector"));
        else if (LabelSelectors.IsEmpty(selector)) errors.Add(FieldError.Invalid("spec.selector", selector, "empty selector is invalid for deployment"));
        LabelSelectors.Validate(selector, "spec.selector", errors);
        if (live is not null && !JsonNode.DeepEquals(live.At("spec", "selector"), selector))
            errors.Add(FieldError.Invalid("spec.selector", selector?.DeepClone(), "field is immutable"));
    }

    private static void ValidateStrategy(JsonObject? strategy, List<FieldError> errors)
    {
        var type = strategy.Text("type");
        if (type is not ("Recreate" or "RollingUpdate")) errors.Add(FieldError.NotSupported("spec.strategy.type", type, ["Recreate", "RollingUpdate"]));
        var rolling = strategy.Object("rollingUpdate");
        if (type == "Recreate" && rolling is not null)
            errors.Add(FieldError.Forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'"));
        if (type != "RollingUpdate" || rolling is null) return;
        var surge = IntOrPercent(rolling["maxSurge"], "spec.strategy.rollingUpdate.maxSurge", errors);
        var unavailable = IntOrPercent(rolling["maxUnavailable"], "spec.strategy.rollingUpdate.maxUnavailable", errors);
        if (surge == 0 && unavailable == 0)
            errors.Add(FieldError.Invalid("spec.strategy.rollingUpdate.maxUnavailable", rolling["maxUnavailable"], "may not be 0 when `maxSurge` is 0"));
    }

    public static long? IntOrPercent(JsonNode? value, string path, List<FieldError> errors)
    {
        if (value.AsInteger() is { } number)
        {
            if (number < 0) errors.Add(FieldError.Invalid(path, value, "must be greater than or equal to 0"));
            return number;
        }

        if (value.AsText() is not { } text) return null;
        if (text.EndsWith('%') && long.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var percent)) return percent;
        errors.Add(FieldError.Invalid(path, text, "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"));
        return null;
    }
}
