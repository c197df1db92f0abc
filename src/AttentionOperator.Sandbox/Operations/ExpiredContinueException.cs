using AttentionOperator.Sandbox.Api;

namespace AttentionOperator.Sandbox.Operations;

/// <summary>410 for a page, with the token that goes on with an inconsistent list.</summary>
internal sealed class ExpiredContinueException(ApiException inner, string continueToken) : Exception(inner.Message, inner)
{
    public ApiException Error => (ApiException)InnerException!;

    public string ContinueToken { get; } = continueToken;
}
