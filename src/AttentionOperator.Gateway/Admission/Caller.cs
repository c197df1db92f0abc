using AttentionOperator.Gateway.Queueing;

namespace AttentionOperator.Gateway.Admission;

/// <summary>Who sent a request.</summary>
/// <param name="Scope">Secret that knows the caller; tenants of the same name in other Secrets are others.</param>
/// <param name="Tenant">Whose limits and share are used; empty for models that anybody may call.</param>
/// <param name="KeyId">Name of the key, for logs.</param>
/// <param name="HighestClass">The class that a header can only lower.</param>
/// <param name="DefaultClass">Without a header.</param>
/// <param name="Limits">The tenant's bounds.</param>
internal sealed record Caller(string Scope, string Tenant, string KeyId, RequestClass HighestClass, RequestClass DefaultClass, TenantLimits Limits)
{
    /// <summary>Nobody in particular: the model is open.</summary>
    public static readonly Caller Anonymous = new("", "", "", RequestClass.Interactive, RequestClass.Standard, TenantLimits.None);

    /// <summary>Name of the tenant's account of spending.</summary>
    public string Account { get; } = $"{Scope}/{Tenant}";

    public RequestClass ClassOf(RequestClass? asked) => (RequestClass)Math.Max((int)(asked ?? DefaultClass), (int)HighestClass);
}
