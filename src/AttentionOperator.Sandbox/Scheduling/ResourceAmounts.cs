using k8s.Models;

namespace AttentionOperator.Sandbox.Scheduling;

/// <summary>Amounts by resource name, in base units (cores, bytes, devices).</summary>
internal sealed class ResourceAmounts
{
    private readonly Dictionary<string, decimal> _amounts = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, decimal> Values => _amounts;

    public decimal this[string resource] => _amounts.GetValueOrDefault(resource);

    public static ResourceAmounts Of(IEnumerable<KeyValuePair<string, ResourceQuantity>>? quantities)
    {
        var result = new ResourceAmounts();
        foreach (var (name, quantity) in quantities ?? [])
        {
            result._amounts[name] = quantity.ToDecimal();
        }

        return result;
    }

    public void Add(ResourceAmounts other)
    {
        foreach (var (name, amount) in other._amounts)
        {
            _amounts[name] = this[name] + amount;
        }
    }

    public void Subtract(ResourceAmounts other)
    {
        foreach (var (name, amount) in other._amounts)
        {
            _amounts[name] = this[name] - amount;
        }
    }

    /// <summary>Raises each amount to the other's where that is more.</summary>
    public void RaiseTo(ResourceAmounts other)
    {
        foreach (var (name, amount) in other._amounts)
        {
            _amounts[name] = Math.Max(this[name], amount);
        }
    }

    public ResourceAmounts Clone()
    {
        var copy = new ResourceAmounts();
        copy.Add(this);
        return copy;
    }
}
