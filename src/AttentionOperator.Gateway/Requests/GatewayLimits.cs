namespace AttentionOperator.Gateway.Requests;

/// <summary>Bounds that hold before anything is known of a request.</summary>
/// <param name="MaxBodyBytes">Longest body; buffered in memory while the request runs.</param>
internal sealed record GatewayLimits(int MaxBodyBytes = 8 * 1024 * 1024);
