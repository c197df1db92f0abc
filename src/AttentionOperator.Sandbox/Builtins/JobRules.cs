using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Builtins;

internal sealed class JobRules : IKindRules
{
    public void Default(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        if (spec["completions"] is null && spec["parallelism"] is null) spec["completions"] = 1;
        spec.Default("parallelism", 1);
        spec.Default("backoffLimit", 6);
        spec.Default("completionMode", "NonIndexed");
        spec.Default("suspend", false);
        spec.Default("podReplacementPolicy", spec["podFailurePolicy"] is null ? "TerminatingOrFailed" : "Failed");
        spec.Default("manualSelector", false);
        if (spec.Object("template") is { } template) PodTemplates.DefaultTemplate(template);
    }

    public void PrepareForCreate(JsonObject obj)
    {
        // Pods of a Job are told apart by labels that only the server can choose.
        var spec = obj.Ensure("spec");
        if (spec.Flag("manualSelector") == true || spec.Object("template") is not { } template) return;
        var uid = obj.Uid();
        var labels = template.Ensure("metadata").Ensure("labels");
        foreach (var prefix in (string[])["", "batch.kubernetes.io/"])
        {
            labels.Default($"{prefix}controller-uid", uid);
            labels.Default($"{prefix}job-name", obj.Name());
        }

        spec["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["batch.kubernetes.io/controller-uid"] = uid } };
    }

    public void Validate(JsonObject obj, JsonObject? live, List<FieldError> errors)
    {
        var spec = obj.Ensure("spec");
        foreach (var name in (string[])["parallelism", "completions", "backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished"])
            DeploymentRules.NonNegative(spec, name, "spec", errors);
        PodTemplates.ValidateTemplate(spec.Object("template"), spec.Object("selector"), "spec.template", errors);
        if (spec.Object("template").Object("spec").Text("restartPolicy") is var policy and not ("Never" or "OnFailure") && spec["template"] is not null)
        {
            errors.Add(policy == "Always"
                ? FieldError.NotSupported("spec.template.spec.restartPolicy", policy, ["OnFailure", "Never"])
                : FieldError.Required("spec.template.spec.restartPolicy", "valid values: \"OnFailure\", \"Never\""));
        }

        if (live is null) return;
        foreach (var name in (string[])["completions", "selector", "template", "completionMode"])
        {
            if (name == "completions" && spec.Text("completionMode") == "Indexed") continue;
            if (!JsonNode.DeepEquals(live.At("spec", name), spec[name]))
                errors.Add(FieldError.Invalid($"spec.{name}", spec[name]?.DeepClone(), "field is immutable"));
        }
    }
}
