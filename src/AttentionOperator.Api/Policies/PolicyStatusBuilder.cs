using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Api.Policies;

/// <summary>The use that a policy's status shows. Pure.</summary>
public static class PolicyStatusBuilder
{
    private const int MaxNamespaces = 100;
    private const int MaxLimited = 20;

    /// <param name="spec">The policy.</param>
    /// <param name="generation">Its generation.</param>
    /// <param name="namespaces">The models of each namespace that it holds for, with the names of those that are kept from what their spec says.</param>
    public static AttentionPolicyStatus Build(AttentionPolicySpec spec, long? generation, IReadOnlyDictionary<string, (IReadOnlyList<ModelDemand> Models, IReadOnlyCollection<string> Limited)> namespaces)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(namespaces);
        var usages = namespaces.Where(entry => entry.Value.Models.Count > 0).Select(entry => Usage(spec, entry.Key, entry.Value.Models, entry.Value.Limited)).ToList();
        return new AttentionPolicyStatus
        {
            ObservedGeneration = generation,
            Models = usages.Sum(usage => usage.Models ?? 0),
            Violations = namespaces.Values.Sum(entry => entry.Limited.Count),
            Namespaces = [.. MostUsed(usages)],
        };
    }

    private static IEnumerable<PolicyUsage> MostUsed(IEnumerable<PolicyUsage> usages) => usages
        .OrderByDescending(usage => usage.Accelerators?.Sum(accelerator => accelerator.Used) ?? 0)
        .ThenByDescending(usage => usage.Models)
        .ThenBy(usage => usage.Namespace, StringComparer.Ordinal)
        .Take(MaxNamespaces)
        .OrderBy(usage => usage.Namespace, StringComparer.Ordinal);

    private static PolicyUsage Usage(AttentionPolicySpec spec, string ns, IReadOnlyList<ModelDemand> models, IReadOnlyCollection<string> limited)
    {
        var ceilings = (spec.Ceilings?.Accelerators ?? []).ToDictionary(ceiling => ceiling.Name, ceiling => ceiling.Count, StringComparer.Ordinal);
        var names = models.Where(model => model.Accelerator is not null).Select(model => model.Accelerator!).Concat(ceilings.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        var accelerators = names.Select(name =>
        {
            var users = models.Where(model => model.Accelerator == name).ToList();
            return new AcceleratorUsage
            {
                Name = name,
                Used = users.Sum(model => model.Held * model.AcceleratorsPerReplica),
                Wanted = users.Sum(model => model.Wanted * model.AcceleratorsPerReplica),
                Ceiling = ceilings.TryGetValue(name, out var ceiling) ? ceiling : null,
            };
        }).ToList();
        var priced = models.Where(model => model.CostPerReplicaHour is not null).ToList();
        return new PolicyUsage
        {
            Namespace = ns,
            Models = models.Count,
            Accelerators = accelerators.Count > 0 ? accelerators : null,
            CostPerHour = priced.Count > 0 ? ModelCost.Format(priced.Sum(model => model.CostPerReplicaHour!.Value * model.Held)) : null,
            CostCeiling = spec.Ceilings?.CostPerHour,
            Limited = limited.Count > 0 ? [.. limited.Order(StringComparer.Ordinal).Take(MaxLimited)] : null,
        };
    }
}
