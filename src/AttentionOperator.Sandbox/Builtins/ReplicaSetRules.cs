using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;

namespace AttentionOperator.Sandbox.Builtins;

internal sealed class ReplicaSetRules : IKindRules
{
    public void Default(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        spec.Default("replicas", 1);
        if (spec.Object("template") is { } template) PodTemplates.DefaultTemplate(template);
    }

    public void PrepareForCreate(JsonObject obj) => obj["status"] = new JsonObject { ["replicas"] = 0 };

    public void Validate(JsonObject obj, JsonObject? live, List<FieldError> errors)
    {
        var spec = obj.Ensure("spec");
        DeploymentRules.NonNegative(spec, "replicas", "spec", errors);
        DeploymentRules.WorkloadSelector(spec, live, errors);
        PodTemplates.ValidateTemplate(spec.Object("template"), spec.Object("selector"), "spec.template", errors);
    }
}
