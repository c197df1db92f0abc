namespace AttentionOperator.Demand;

/// <summary>One sample of the Prometheus text format.</summary>
internal sealed record MetricSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);
