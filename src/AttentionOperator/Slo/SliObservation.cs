namespace AttentionOperator.Slo;

/// <summary>What the source of counters knows of one model now.</summary>
/// <param name="Gateways">Every process that was read, also those that could not be read just now.</param>
/// <param name="IsFresh">False where none could be read for a while: then nothing is concluded from silence.</param>
internal sealed record SliObservation(IReadOnlyList<GatewayCounters> Gateways, bool IsFresh);
