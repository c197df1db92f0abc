using AttentionOperator.Sandbox.Api;

namespace AttentionOperator.Sandbox.Operations;

/// <summary>The query of a list.</summary>
internal sealed record ListQuery(Selectors Selectors, int Limit = 0, string? Continue = null, string? ResourceVersion = null, string? ResourceVersionMatch = null)
{
    public static ListQuery All { get; } = new(Selectors.None);
}
