namespace AttentionOperator.Gateway.Sampling;

/// <summary>Whether requests and answers are sampled; off by default.</summary>
/// <param name="Directory">Gets one file of lines per day; null = no samples.</param>
/// <param name="PerMille">Share of the requests.</param>
/// <param name="MaxFileBytes">Bound of a day's file.</param>
internal sealed record SamplingOptions(string? Directory = null, int PerMille = 1, long MaxFileBytes = 256L * 1024 * 1024);
