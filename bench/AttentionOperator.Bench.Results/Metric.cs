namespace AttentionOperator.Bench.Results;

/// <summary>One figure of a benchmark.</summary>
/// <param name="Value">The figure, in <paramref name="Unit"/>.</param>
/// <param name="Unit">Base unit: seconds, tokens/s, MiB, percent, ratio.</param>
/// <param name="Peer">The peer or bound that was measured in the same run, where there is one.</param>
/// <param name="PeerValue">Its figure.</param>
/// <param name="Ratio">Value over the peer's, or the share of the bound.</param>
public sealed record Metric(double Value, string Unit, string? Peer = null, double? PeerValue = null, double? Ratio = null);
