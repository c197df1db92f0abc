namespace AttentionOperator.Fidelity;

/// <summary>The golden README's tolerances.</summary>
internal static class Tolerance
{
    /// <summary>Logits, hidden states, pooled vectors, log-probabilities, margins, entropies.</summary>
    public const double Value = 1e-4;

    /// <summary>Cosines, normalised vectors, probabilities.</summary>
    public const double Unit = 1e-5;
}
