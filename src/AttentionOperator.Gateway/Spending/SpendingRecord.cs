using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AttentionOperator.Gateway.Spending;

/// <summary>What tenants spent, by period; as it is stored: <c>{"2026-11-26":{"ns/keys/team-a":{"tokens":120,"cost":"0.5"}}}</c>.</summary>
internal sealed class SpendingRecord
{
    private readonly Dictionary<string, Dictionary<string, Spent>> _periods = new(StringComparer.Ordinal);

    public IEnumerable<(string Period, string Tenant, Spent Spent)> Entries => from period in _periods from tenant in period.Value select (period.Key, tenant.Key, tenant.Value);

    public bool IsEmpty => _periods.Count == 0;

    public Spent Of(string period, string tenant) => _periods.TryGetValue(period, out var tenants) ? tenants.GetValueOrDefault(tenant) : default;

    public void Add(string period, string tenant, Spent spent)
    {
        if (!_periods.TryGetValue(period, out var tenants)) _periods[period] = tenants = new Dictionary<string, Spent>(StringComparer.Ordinal);
        tenants[tenant] = tenants.GetValueOrDefault(tenant) + spent;
    }

    /// <summary>The sum of both, without periods that are over.</summary>
    public SpendingRecord Plus(SpendingRecord other, DateTimeOffset now)
    {
        string[] current = [SpendingPeriod.Day(now).Name, SpendingPeriod.Month(now).Name];
        var sum = new SpendingRecord();
        foreach (var (period, tenant, spent) in Entries.Concat(other.Entries))
        {
            if (current.Contains(period)) sum.Add(period, tenant, spent);
        }

        return sum;
    }

    public string ToJson() => new JsonObject(_periods.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, (JsonNode?)new JsonObject(p.Value.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t =>
        KeyValuePair.Create(t.Key, (JsonNode?)new JsonObject { ["tokens"] = t.Value.Tokens, ["cost"] = t.Value.Cost.ToString(CultureInfo.InvariantCulture) })))))).ToJsonString();

    /// <exception cref="FormatException">The text is not a record.</exception>
    public static SpendingRecord Parse(string json)
    {
        var record = new SpendingRecord();
        try
        {
            using var document = JsonDocument.Parse(json);
            foreach (var period in document.RootElement.EnumerateObject())
            {
                foreach (var tenant in period.Value.EnumerateObject())
                {
                    record.Add(period.Name, tenant.Name, new Spent(tenant.Value.GetProperty("tokens").GetInt64(), decimal.Parse(tenant.Value.GetProperty("cost").GetString()!, NumberStyles.Float, CultureInfo.InvariantCulture)));
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentNullException)
        {
            throw new FormatException($"the record of spending cannot be read: {e.Message}", e);
        }

        return record;
    }
}
