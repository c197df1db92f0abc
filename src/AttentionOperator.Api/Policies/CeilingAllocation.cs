using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Api.Policies;

/// <summary>
/// Shares the ceilings of a namespace among its models. Pure: every model's pass comes to the same shares from the same view. What runs stays; what is free goes first to replicas that specs ask for,
/// oldest model first, and then to the surges of rollouts.
/// </summary>
public static class CeilingAllocation
{
    /// <param name="ns">The namespace, for messages.</param>
    /// <param name="demands">All models of the namespace.</param>
    /// <param name="policies">The policies that hold for it.</param>
    /// <returns>The grant of each model, by name.</returns>
    public static IReadOnlyDictionary<string, ModelGrant> Of(string ns, IEnumerable<ModelDemand> demands, IReadOnlyList<NamedPolicy> policies)
    {
        ArgumentNullException.ThrowIfNull(demands);
        var models = demands.OrderBy(model => model.CreatedAt).ThenBy(model => model.Name, StringComparer.Ordinal).ToList();
        var ceilings = Ceilings(policies);
        foreach (var model in models)
        {
            ceilings.ForEach(ceiling => ceiling.Take(model, model.Held));
        }

        var replicas = models.ToDictionary(model => model.Name, model => Grow(model, Math.Min(model.Wanted, model.Held), model.Wanted - model.Held, ceilings), StringComparer.Ordinal);
        return models.ToDictionary(
            model => model.Name,
            model =>
            {
                var over = Math.Clamp(model.Held - model.Wanted, 0, model.Surge);
                var granted = replicas[model.Name];
                var surge = Grow(model, over, model.Surge - over, ceilings);
                var limit = granted < model.Wanted ? ceilings.FirstOrDefault(ceiling => ceiling.Fits(model) == 0)?.Describe(ns) : null;
                return new ModelGrant(granted, surge, limit is null ? null : $"{granted} of {model.Wanted} replicas fit: {limit}");
            },
            StringComparer.Ordinal);
    }

    /// <summary>Whether any policy has a ceiling at all.</summary>
    public static bool Applies(IReadOnlyList<NamedPolicy> policies)
    {
        ArgumentNullException.ThrowIfNull(policies);
        return policies.Any(policy => policy.Spec.Ceilings is { Accelerators.Count: > 0 } or { CostPerHour: not null });
    }

    private static int Grow(ModelDemand model, int from, int more, List<Ceiling> ceilings)
    {
        var granted = Math.Max(0, ceilings.Aggregate(more, (least, ceiling) => Math.Min(least, ceiling.Fits(model))));
        ceilings.ForEach(ceiling => ceiling.Take(model, granted));
        return from + granted;
    }

    private static List<Ceiling> Ceilings(IReadOnlyList<NamedPolicy> policies)
    {
        var ceilings = new List<Ceiling>();
        foreach (var policy in policies)
        {
            foreach (var accelerator in policy.Spec.Ceilings?.Accelerators ?? [])
            {
                ceilings.Add(new Ceiling(policy.Source, accelerator.Name, accelerator.Count, model => model.Accelerator == accelerator.Name ? model.AcceleratorsPerReplica : 0));
            }

            if (ModelCost.TryParse(policy.Spec.Ceilings?.CostPerHour, out var cost))
            {
                ceilings.Add(new Ceiling(policy.Source, "per hour", cost, model => model.CostPerReplicaHour ?? 0));
            }
        }

        return ceilings;
    }

    private sealed class Ceiling(string source, string unit, decimal most, Func<ModelDemand, decimal> perReplica)
    {
        private decimal used;

        public void Take(ModelDemand model, int replicas) => used += perReplica(model) * replicas;

        /// <summary>Further replicas of the model that fit.</summary>
        public int Fits(ModelDemand model)
        {
            var each = perReplica(model);
            return each <= 0 ? int.MaxValue : (int)Math.Clamp(decimal.Floor((most - used) / each), 0, int.MaxValue);
        }

        public string Describe(string ns) => $"namespace {ns} may use {ModelCost.Format(most)} {unit} by {source}, and {ModelCost.Format(used)} are in use or promised";
    }
}
