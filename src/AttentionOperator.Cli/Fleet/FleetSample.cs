namespace AttentionOperator.Cli.Fleet;

/// <summary>What all gateways counted, at one moment.</summary>
/// <param name="At">When.</param>
/// <param name="Samples">Of all gateways.</param>
internal sealed record FleetSample(DateTimeOffset At, IReadOnlyList<MetricSample> Samples);
