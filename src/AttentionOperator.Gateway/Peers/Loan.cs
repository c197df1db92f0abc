namespace AttentionOperator.Gateway.Peers;

/// <summary>A part of a tenant's bounds per minute that one gateway asks of another, or gives it.</summary>
internal sealed record Loan(string Scope, string Tenant, long Requests, long Tokens)
{
    public bool IsEmpty => Requests == 0 && Tokens == 0;
}
