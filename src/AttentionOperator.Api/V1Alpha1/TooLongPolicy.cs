namespace AttentionOperator.Api.V1Alpha1;

/// <summary>What happens to input beyond <c>maxInputTokens</c>.</summary>
public enum TooLongPolicy
{
    /// <summary>A 400 that names both numbers.</summary>
    Reject,

    /// <summary>Drop tokens at the start; the answer says so.</summary>
    TruncateStart,

    /// <summary>Drop tokens at the end; the answer says so.</summary>
    TruncateEnd,

    /// <summary>Overlapping chunks, pooled or map-reduced; the answer says so.</summary>
    Chunk,
}
