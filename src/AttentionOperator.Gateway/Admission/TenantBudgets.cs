using System.Collections.Concurrent;
using AttentionOperator.Gateway.Errors;
using AttentionOperator.Gateway.Forwarding;
using AttentionOperator.Gateway.Peers;
using AttentionOperator.Gateway.Spending;

namespace AttentionOperator.Gateway.Admission;

/// <summary>The limits and budgets of all tenants that send requests. Each gateway enforces its share of the bounds per minute, so their sum is never exceeded; what one lacks it borrows (<see cref="PeerLoans"/>).</summary>
internal sealed class TenantBudgets(PeerDirectory peers, ApiKeyStore keys, SpendingLedger ledger, TimeProvider time)
{
    private const int ForgetAbove = 4096;
    private readonly ConcurrentDictionary<(string Scope, string Tenant), TenantBudget> _budgets = new();

    /// <param name="caller">Who.</param>
    /// <param name="most">Tokens that the request can use at most.</param>
    /// <param name="prices">What they cost.</param>
    /// <param name="responseHeaders">Get the state of the limits.</param>
    public (Reservation? Reservation, GatewayError? Error) Reserve(Caller caller, TokenUsage most, TokenPrices prices, IHeaderDictionary responseHeaders)
    {
        if (caller.Limits.IsNone) return (Reservation.None, null);
        if (_budgets.Count > ForgetAbove) Forget();
        var budget = BudgetOf(caller.Scope, caller.Tenant);
        var worst = prices.Of(most);
        var error = ledger.Reserve(caller.Account, caller.Limits, worst);
        if (error is not null) return (null, error);
        error = budget.Reserve(caller.Limits.Over(peers.Count), worst.Tokens);
        var reservation = new Reservation(budget, caller.Limits.HasBudgets ? ledger : null, caller.Account, worst, prices);
        reservation.WriteHeaders(responseHeaders);
        if (error is null) return (reservation, null);
        if (caller.Limits.HasBudgets) ledger.Settle(caller.Account, worst, default);
        return (null, error);
    }

    /// <summary>What a request of so many tokens lacks here.</summary>
    public Loan Missing(Caller caller, long tokens)
    {
        var (requests, missing) = BudgetOf(caller.Scope, caller.Tenant).Missing(tokens);
        return new Loan(caller.Scope, caller.Tenant, requests, missing);
    }

    public void Receive(Loan loan) => BudgetOf(loan.Scope, loan.Tenant).Receive(loan.Requests, loan.Tokens);

    /// <summary>Gives another gateway what it asks for, as far as it is there; it is gone here when this returns.</summary>
    public Loan Lend(Loan asked)
    {
        var limits = keys.LimitsOf(asked.Scope, asked.Tenant);
        var (requests, tokens) = limits.IsNone ? (0, 0) : BudgetOf(asked.Scope, asked.Tenant).Lend(limits.Over(peers.Count), asked.Requests, asked.Tokens);
        return asked with { Requests = requests, Tokens = tokens };
    }

    private TenantBudget BudgetOf(string scope, string tenant) => _budgets.GetOrAdd((scope, tenant), _ => new TenantBudget(time));

    private void Forget()
    {
        foreach (var (key, budget) in _budgets)
        {
            if (budget.IsIdle()) _budgets.TryRemove(key, out _);
        }
    }
}
