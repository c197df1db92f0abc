namespace AttentionOperator.Inference.Sampling;

/// <summary>
/// Random numbers as a function of (seed, index of the output token): no state that neighbours, preemption or a continuation on another pod
/// could move. Two rounds of the SplitMix64 finaliser (Steele, Lea, Flood 2014), which is a bijection with full avalanche.
/// </summary>
internal static class CounterRandom
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public static double Uniform(long seed, int index)
    {
        var bits = Mix(Mix((ulong)seed + Golden) + ((ulong)(uint)index * Golden));
        return (bits >> 11) * (1.0 / (1UL << 53));
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
