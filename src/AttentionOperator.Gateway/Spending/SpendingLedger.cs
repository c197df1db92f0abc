using AttentionOperator.Gateway.Admission;
using AttentionOperator.Gateway.Errors;

namespace AttentionOperator.Gateway.Spending;

/// <summary>
/// What tenants spent today and this month: what the store says of all gateways, what this one spent since it last told the store, and what its running requests
/// can still spend. A request is refused when its worst case would pass a budget, so one gateway never overspends; several can by what the others reserve between
/// two exchanges with the store.
/// </summary>
internal sealed class SpendingLedger(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Account> _accounts = new(StringComparer.Ordinal);

    /// <summary>Reserves a request's worst case in both periods.</summary>
    /// <returns>A refusal, or null.</returns>
    public GatewayError? Reserve(string tenant, TenantLimits limits, Spent most)
    {
        if (!limits.HasBudgets) return null;
        lock (_lock)
        {
            var now = time.GetUtcNow();
            var account = AccountOf(tenant, now);
            var error = Check("DailyBudget", "today", account.Day, limits.TokensPerDay, limits.CostPerDay) ?? Check("MonthlyBudget", "this month", account.Month, limits.TokensPerMonth, limits.CostPerMonth);
            if (error is null) account.Reserved += most;
            return error;

            GatewayError? Check(string reason, string when, Tally tally, long? tokens, decimal? cost)
            {
                var worst = tally.Known + tally.Unsaved + account.Reserved + most;
                if (worst.Tokens <= (tokens ?? long.MaxValue) && worst.Cost <= (cost ?? decimal.MaxValue)) return null;
                var problem = worst.Tokens > tokens ? $"{tokens} tokens" : $"{cost} of cost";
                return new GatewayError(429, reason, $"The tenant may use {problem} {when}; the request may need {most.Tokens} tokens, and what is left does not cover it. Wait until {tally.Period.End:yyyy-MM-dd} UTC, shorten the input, lower max_tokens, or ask for a larger budget.", RetryAfter: tally.Period.End - now);
            }
        }
    }

    /// <summary>A reserved request is over.</summary>
    public void Settle(string tenant, Spent reserved, Spent used)
    {
        lock (_lock)
        {
            var account = AccountOf(tenant, time.GetUtcNow());
            account.Reserved -= reserved;
            account.Day.Unsaved += used;
            account.Month.Unsaved += used;
        }
    }

    /// <summary>What the store does not know yet, by tenant and period. It stays counted here until <see cref="Saved"/>.</summary>
    public SpendingRecord Unsaved()
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            var record = new SpendingRecord();
            foreach (var (tenant, account) in _accounts)
            {
                account.Follow(now);
                foreach (var tally in (ReadOnlySpan<Tally>)[account.Day, account.Month])
                {
                    if (!tally.Unsaved.IsZero) record.Add(tally.Period.Name, tenant, tally.Unsaved);
                }
            }

            return record;
        }
    }

    /// <summary>The store has <paramref name="saved"/>; <paramref name="all"/> is what it says now, over all gateways.</summary>
    public void Saved(SpendingRecord saved, SpendingRecord all)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            foreach (var (_, tenant, _) in all.Entries) AccountOf(tenant, now);
            foreach (var (tenant, account) in _accounts)
            {
                foreach (var tally in (ReadOnlySpan<Tally>)[account.Day, account.Month])
                {
                    tally.Unsaved -= saved.Of(tally.Period.Name, tenant);
                    tally.Known = all.Of(tally.Period.Name, tenant);
                }
            }
        }
    }

    private Account AccountOf(string tenant, DateTimeOffset now)
    {
        if (!_accounts.TryGetValue(tenant, out var account)) _accounts[tenant] = account = new Account(now);
        account.Follow(now);
        return account;
    }

    private sealed class Account(DateTimeOffset now)
    {
        public Tally Day { get; private set; } = new(SpendingPeriod.Day(now));

        public Tally Month { get; private set; } = new(SpendingPeriod.Month(now));

        public Spent Reserved { get; set; }

        /// <summary>A new period begins at zero. What ran over midnight counts for the day on which it ended.</summary>
        public void Follow(DateTimeOffset now)
        {
            if (now >= Day.Period.End) Day = new Tally(SpendingPeriod.Day(now));
            if (now >= Month.Period.End) Month = new Tally(SpendingPeriod.Month(now));
        }
    }

    private sealed class Tally(SpendingPeriod period)
    {
        public SpendingPeriod Period { get; } = period;

        public Spent Known { get; set; }

        public Spent Unsaved { get; set; }
    }
}
