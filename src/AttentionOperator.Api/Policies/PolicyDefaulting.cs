using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Api.Policies;

/// <summary>What policies fill in where a spec leaves something out. Pure.</summary>
public static class PolicyDefaulting
{
    /// <summary>The spec with all defaults: for admission, which writes them into the object.</summary>
    public static AttentionModelSpec Apply(AttentionModelSpec spec, IReadOnlyList<NamedPolicy> policies)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec with { Slo = Slo(spec, policies), Limits = Limits(spec, policies) };
    }

    /// <summary>The objectives: the spec's own, else the first that a policy has.</summary>
    public static SloSpec? Slo(AttentionModelSpec spec, IReadOnlyList<NamedPolicy> policies)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.Slo ?? policies.Select(policy => policy.Spec.Defaults?.Slo).FirstOrDefault(slo => slo is { Objectives.Count: > 0 });
    }

    /// <summary>The limits: where the spec sets none, the first default that a policy has, and never more than the lowest cap.</summary>
    public static LimitsSpec Limits(AttentionModelSpec spec, IReadOnlyList<NamedPolicy> policies)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var limits = spec.Limits;
        var maxInput = Default(policies, defaults => defaults.MaxInputTokens, caps => caps.MaxInputTokens);
        if (spec.Task is ModelTask.Embed or ModelTask.Classify or ModelTask.Rerank && maxInput > limits.MaxBatchTokens)
        {
            maxInput = limits.MaxBatchTokens; // An encoder computes an input in one step.
        }

        return limits with
        {
            MaxInputTokens = limits.MaxInputTokens ?? maxInput,
            MaxOutputTokens = limits.MaxOutputTokens ?? Default(policies, defaults => defaults.MaxOutputTokens, caps => caps.MaxOutputTokens),
        };
    }

    private static int? Default(IReadOnlyList<NamedPolicy> policies, Func<PolicyDefaults, int?> standard, Func<PolicyCaps, int?> cap)
    {
        var chosen = policies.Select(policy => policy.Spec.Defaults is { } defaults ? standard(defaults) : null).FirstOrDefault(value => value is not null);
        var most = policies.Select(policy => policy.Spec.Caps is { } caps ? cap(caps) : null).Min();
        return chosen is null || most is null ? chosen ?? most : Math.Min(chosen.Value, most.Value);
    }
}
