using System.Globalization;
using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Api.Policies;

/// <summary>What replicas cost. Pure.</summary>
public static class ModelCost
{
    /// <summary>
    /// Price of one replica per hour: that of its accelerators where a policy has one, else what the spec says, because who pays decides and not who asks; null where nobody has a price.
    /// </summary>
    public static decimal? PerReplicaHour(AttentionModelSpec spec, IReadOnlyList<NamedPolicy> policies)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(policies);
        if (spec.Resources.Accelerator is { } accelerator && Price(accelerator, policies) is { } price)
        {
            return price * accelerator.Count;
        }

        return TryParse(spec.Cost?.PerReplicaHour, out var own) ? own : null;
    }

    /// <summary>A decimal of the contract.</summary>
    public static bool TryParse(string? text, out decimal value) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value);

    public static string Format(decimal value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    private static decimal? Price(AcceleratorSpec accelerator, IReadOnlyList<NamedPolicy> policies)
    {
        var named = policies.SelectMany(policy => policy.Spec.Prices ?? []).Where(price => price.Name == accelerator.CountedAs()).ToList();
        var chosen = named.FirstOrDefault(price => price.Product is not null && price.Product == accelerator.Product) ?? named.FirstOrDefault(price => price.Product is null);
        return TryParse(chosen?.PerHour, out var value) ? value : null;
    }
}
