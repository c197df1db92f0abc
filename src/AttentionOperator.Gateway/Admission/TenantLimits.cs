namespace AttentionOperator.Gateway.Admission;

/// <summary>What a tenant may use of one gateway replica; null = without bound.</summary>
internal sealed record TenantLimits(long? RequestsPerMinute, long? TokensPerMinute, int? ConcurrentRequests)
{
    public static readonly TenantLimits None = new(null, null, null);

    public bool IsNone => this is { RequestsPerMinute: null, TokensPerMinute: null, ConcurrentRequests: null };

    /// <summary>The more generous of both, bound by bound.</summary>
    public TenantLimits Or(TenantLimits other) => new(
        Larger(RequestsPerMinute, other.RequestsPerMinute),
        Larger(TokensPerMinute, other.TokensPerMinute),
        (int?)Larger(ConcurrentRequests, other.ConcurrentRequests));

    /// <summary>This replica's share, where several serve: never less than one.</summary>
    public TenantLimits Over(int replicas) => replicas <= 1 ? this : new(
        Share(RequestsPerMinute, replicas),
        Share(TokensPerMinute, replicas),
        (int?)Share(ConcurrentRequests, replicas));

    private static long? Larger(long? a, long? b) => a is null || b is null ? null : Math.Max(a.Value, b.Value);

    private static long? Share(long? all, int replicas) => all is { } value ? Math.Max(1, value / replicas) : null;
}
