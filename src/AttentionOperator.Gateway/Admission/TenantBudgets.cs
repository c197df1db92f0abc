using System.Collections.Concurrent;
using AttentionOperator.Gateway.Errors;

namespace AttentionOperator.Gateway.Admission;

/// <summary>The budgets of all tenants that send requests.</summary>
/// <param name="replicas">Gateways that share the bounds: each enforces its share of them, so their sum is never exceeded, at the price that a tenant whose requests
/// come to one replica alone gets that replica's share only.</param>
/// <param name="time">Clock.</param>
internal sealed class TenantBudgets(GatewayReplicas replicas, TimeProvider time)
{
    private const int ForgetAbove = 4096;
    private readonly ConcurrentDictionary<(string Scope, string Tenant), TenantBudget> _budgets = new();

    public (Reservation? Reservation, GatewayError? Error) Reserve(Caller caller, long tokens, IHeaderDictionary responseHeaders)
    {
        if (caller.Limits.IsNone) return (Reservation.None, null);
        if (_budgets.Count > ForgetAbove) Forget();
        var budget = _budgets.GetOrAdd((caller.Scope, caller.Tenant), _ => new TenantBudget(time));
        var error = budget.Reserve(caller.Limits.Over(replicas.Count), tokens);
        var reservation = new Reservation(budget, tokens);
        reservation.WriteHeaders(responseHeaders);
        return error is null ? (reservation, null) : (null, error);
    }

    private void Forget()
    {
        foreach (var (key, budget) in _budgets)
        {
            if (budget.IsIdle()) _budgets.TryRemove(key, out _);
        }
    }
}

/// <summary>How many gateways serve the same tenants.</summary>
internal sealed record GatewayReplicas(int Count);
