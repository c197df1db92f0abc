using System.Globalization;
using AttentionOperator.Api.Values;

namespace AttentionOperator.Gateway.Admission;

/// <summary>What a running request holds of its tenant's budget.</summary>
internal sealed class Reservation(TenantBudget? budget, long tokens)
{
    private int _settled;

    /// <summary>The model is open, or the tenant has no bounds.</summary>
    public static Reservation None { get; } = new(null, 0);

    /// <summary>Gives back what was not used; called once, whatever became of the request.</summary>
    public void Settle(long used)
    {
        if (budget is not null && Interlocked.Exchange(ref _settled, 1) == 0) budget.Reconcile(tokens, used);
    }

    /// <summary>The rate headers that clients of the OpenAI API know.</summary>
    public void WriteHeaders(IHeaderDictionary headers)
    {
        if (budget?.State() is not { } state) return;
        Write(headers, "requests", state.Requests);
        Write(headers, "tokens", state.Tokens);
    }

    public static void Write(IHeaderDictionary headers, string what, BucketState? state)
    {
        if (state is not { } bucket) return;
        headers[$"x-ratelimit-limit-{what}"] = bucket.Limit.ToString(CultureInfo.InvariantCulture);
        headers[$"x-ratelimit-remaining-{what}"] = bucket.Remaining.ToString(CultureInfo.InvariantCulture);
        headers[$"x-ratelimit-reset-{what}"] = Durations.Format(bucket.Reset);
    }
}
