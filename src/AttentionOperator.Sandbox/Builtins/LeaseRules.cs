using System.Text.Json.Nodes;
using AttentionOperator.Sandbox.Api;
using AttentionOperator.Sandbox.Json;
using AttentionOperator.Sandbox.Operations;

namespace AttentionOperator.Sandbox.Builtins;

internal sealed class LeaseRules : IKindRules
{
    private const string OldestEmulationVersion = nameof(OldestEmulationVersion);

    public void Validate(JsonObject obj, JsonObject? live, List<FieldError> errors)
    {
        var spec = obj.Object("spec");
        if (spec.Integer("leaseDurationSeconds") is { } duration and <= 0) errors.Add(FieldError.Invalid("spec.leaseDurationSeconds", duration, "must be greater than 0"));
        if (spec.Integer("leaseTransitions") is { } transitions and < 0) errors.Add(FieldError.Invalid("spec.leaseTransitions", transitions, "must be greater than or equal to 0"));
        var strategy = spec.Text("strategy");
        // The path ends in the field twice, as the API server's does.
        if (strategy is not null && !strategy.Contains('/', StringComparison.Ordinal) && strategy != OldestEmulationVersion) errors.Add(FieldError.NotSupported("spec.strategy.strategy", strategy, [OldestEmulationVersion]));
        else if (strategy is not null && !NameRules.IsQualifiedName(strategy)) errors.Add(FieldError.Invalid("spec.strategy.strategy", strategy, NameRules.QualifiedNameMessage));
        if (!string.IsNullOrEmpty(spec.Text("preferredHolder")) && string.IsNullOrEmpty(strategy)) errors.Add(FieldError.Forbidden("spec.preferredHolder", "may only be specified if `strategy` is defined"));
    }
}
