namespace AttentionOperator.Gateway.Admission;

/// <summary>What a tenant may use; null = without bound.</summary>
internal sealed record TenantLimits(long? RequestsPerMinute, long? TokensPerMinute, int? ConcurrentRequests)
{
    public static readonly TenantLimits None = new(null, null, null);

    public long? TokensPerDay { get; init; }

    public long? TokensPerMonth { get; init; }

    /// <summary>In the currency of the models' prices.</summary>
    public decimal? CostPerDay { get; init; }

    public decimal? CostPerMonth { get; init; }

    public bool HasBudgets => this is not { TokensPerDay: null, TokensPerMonth: null, CostPerDay: null, CostPerMonth: null };

    /// <summary>What a request uses has to be known before it runs.</summary>
    public bool CountsTokens => TokensPerMinute is not null || HasBudgets;

    public bool IsNone => this is { RequestsPerMinute: null, TokensPerMinute: null, ConcurrentRequests: null, HasBudgets: false };

    /// <summary>The more generous of both, bound by bound.</summary>
    public TenantLimits Or(TenantLimits other) => new(
        Larger(RequestsPerMinute, other.RequestsPerMinute),
        Larger(TokensPerMinute, other.TokensPerMinute),
        Larger(ConcurrentRequests, other.ConcurrentRequests))
    {
        TokensPerDay = Larger(TokensPerDay, other.TokensPerDay),
        TokensPerMonth = Larger(TokensPerMonth, other.TokensPerMonth),
        CostPerDay = Larger(CostPerDay, other.CostPerDay),
        CostPerMonth = Larger(CostPerMonth, other.CostPerMonth),
    };

    /// <summary>This replica's share of the bounds per minute and at once, where several serve: never less than one. Budgets are shared through the store.</summary>
    public TenantLimits Over(int replicas) => replicas <= 1 ? this : this with
    {
        RequestsPerMinute = Share(RequestsPerMinute, replicas),
        TokensPerMinute = Share(TokensPerMinute, replicas),
        ConcurrentRequests = (int?)Share(ConcurrentRequests, replicas),
    };

    private static T? Larger<T>(T? a, T? b)
        where T : struct, IComparable<T> => a is null || b is null ? null : a.Value.CompareTo(b.Value) >= 0 ? a : b;

    private static long? Share(long? all, int replicas) => all is { } value ? Math.Max(1, value / replicas) : null;
}
