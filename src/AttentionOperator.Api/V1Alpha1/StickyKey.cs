namespace AttentionOperator.Api.V1Alpha1;

/// <summary>What identifies a caller that stays on one revision.</summary>
public enum StickyKey
{
    /// <summary>The request's <c>user</c> field.</summary>
    User,

    /// <summary>The value of a header.</summary>
    Header,
}
