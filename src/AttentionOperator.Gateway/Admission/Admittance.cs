using AttentionOperator.Gateway.Errors;
using AttentionOperator.Gateway.Forwarding;
using AttentionOperator.Gateway.Peers;
using AttentionOperator.Gateway.Requests;
using AttentionOperator.Gateway.Routing;
using AttentionOperator.Gateway.Spending;
using AttentionOperator.Gateway.TokenCounting;

namespace AttentionOperator.Gateway.Admission;

/// <summary>Lets a request in or refuses it: the key, the token cap, the tenant's budget.</summary>
internal sealed class Admittance(Authenticator authenticator, InputCounter counter, TenantBudgets budgets, PeerLoans loans, AuditLog audit)
{
    /// <summary>Bound of an answer whose client and model set none, where its tokens are to be reserved.</summary>
    private const int DefaultMaxTokens = 1024;

    public async ValueTask<(Admission? Admission, GatewayError? Error)> AdmitAsync(HttpContext context, ModelRoute route, RequestFacts facts, ReadOnlyMemory<byte> body)
    {
        var (caller, denied) = authenticator.Check(context, route);
        if (caller is null)
        {
            audit.Refused(context, route.Key.ToString(), null, null, denied!.Reason, denied.Status);
            return (null, denied);
        }

        var (input, tooLong) = counter.Count(context.Request.Path, route, body.Span, facts, needsCount: caller.Limits.CountsTokens);
        if (tooLong is not null) return (null, tooLong);
        var generates = ClientPaths.Generates(context.Request.Path);
        int? bound = generates && caller.Limits.CountsTokens && facts.MaxTokens is null ? Math.Min(DefaultMaxTokens, route.Spec.Limits.MaxOutputTokens ?? DefaultMaxTokens) : null;
        var most = new TokenUsage(input.Total, generates ? (long)Math.Max(0, bound ?? facts.MaxTokens ?? 0) * facts.Choices : 0);
        var prices = TokenPrices.Of(route.Spec.Cost);
        var (reservation, refused) = budgets.Reserve(caller, most, prices, context.Response.Headers);
        if (refused?.Reason is "RequestLimit" or "TokenLimit" && await loans.BorrowAsync(caller, most.Input + most.Output, context.RequestAborted))
        {
            (reservation, refused) = budgets.Reserve(caller, most, prices, context.Response.Headers);
        }

        if (reservation is not null) return (new Admission(caller, reservation, bound, input.IsExact ? input.Total : null), null);
        audit.Refused(context, route.Key.ToString(), caller.KeyId, caller.Tenant, refused!.Reason, refused.Status);
        return (null, refused);
    }
}
