namespace AttentionOperator.Inference.Probes;

/// <summary>What a drift detector says.</summary>
/// <param name="Score">Population stability index of the last full window against the reference.</param>
/// <param name="Threshold">What it exceeds by chance about never.</param>
/// <param name="Drifting">Three of the last five windows exceeded it, and none since fell below half of it.</param>
public readonly record struct DriftState(double Score, double Threshold, bool Drifting);
