namespace AttentionOperator.Inference.Models.Descriptions;

/// <summary>
/// Rotary position embedding of the first <see cref="Dimensions"/> dimensions of a head; dimension i is paired with i + Dimensions/2.
/// Angle of pair i at position p: p · frequencies[i]; cos and sin are multiplied by the attenuation.
/// </summary>
public sealed record RotaryDescription
{
    public required int Dimensions { get; init; }

    /// <summary>[Dimensions/2], radians per position, for sequences up to <see cref="LengthLimit"/>.</summary>
    public required IReadOnlyList<float> Frequencies { get; init; }

    /// <summary>Factor of cos and sin (yarn, longrope); 1 elsewhere.</summary>
    public float Attenuation { get; init; } = 1;

    /// <summary>Longest sequence that <see cref="Frequencies"/> are for; null = any.</summary>
    public int? LengthLimit { get; init; }

    /// <summary>Frequencies for a sequence of more than <see cref="LengthLimit"/> tokens (longrope: constant; dynamic: grows with the length).</summary>
    public Func<int, IReadOnlyList<float>>? LongFrequencies { get; init; }

    /// <summary>Positions that the scaling reaches beyond max_position_embeddings (dynamic); null = none.</summary>
    public int? ReachablePositions { get; init; }

    /// <summary>
    /// The frequencies change with the sequence's length, so rotated keys must not be cached: the cache holds them unrotated.
    /// </summary>
    public bool DependsOnLength => LengthLimit is not null;

    public IReadOnlyList<float> FrequenciesFor(int sequenceLength) =>
        LengthLimit is { } limit && sequenceLength > limit ? LongFrequencies!(sequenceLength) : Frequencies;
}
