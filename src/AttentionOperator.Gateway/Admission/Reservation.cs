using System.Globalization;
using AttentionOperator.Api.Values;
using AttentionOperator.Gateway.Forwarding;
using AttentionOperator.Gateway.Spending;

namespace AttentionOperator.Gateway.Admission;

/// <summary>What a running request holds of its tenant's limits and budgets.</summary>
internal sealed class Reservation(TenantBudget? budget, SpendingLedger? ledger, string tenant, Spent most, TokenPrices prices)
{
    private int _settled;

    /// <summary>The model is open, or the tenant has no bounds.</summary>
    public static Reservation None { get; } = new(null, null, "", default, default);

    /// <summary>Gives back what was not used; called once, whatever became of the request.</summary>
    public void Settle(TokenUsage used)
    {
        if (budget is null || Interlocked.Exchange(ref _settled, 1) != 0) return;
        budget.Reconcile(most.Tokens, used.Input + used.Output);
        ledger?.Settle(tenant, most, prices.Of(used));
    }

    /// <summary>The rate headers that clients of the OpenAI API know.</summary>
    public void WriteHeaders(IHeaderDictionary headers)
    {
        if (budget?.State() is not { } state) return;
        Write(headers, "requests", state.Requests);
        Write(headers, "tokens", state.Tokens);
    }

    private static void Write(IHeaderDictionary headers, string what, BucketState? state)
    {
        if (state is not { } bucket) return;
        headers[$"x-ratelimit-limit-{what}"] = bucket.Limit.ToString(CultureInfo.InvariantCulture);
        headers[$"x-ratelimit-remaining-{what}"] = bucket.Remaining.ToString(CultureInfo.InvariantCulture);
        headers[$"x-ratelimit-reset-{what}"] = Durations.Format(bucket.Reset);
    }
}
