namespace AttentionOperator.Slo;

/// <summary>
/// An anytime-valid test of the share of bad requests against a bound, from two counts alone.
/// </summary>
/// <remarks>
/// <para>
/// Let s = bad, f = good, p0 the bound, and π the Beta(½, ½) density cut off to one side of p0. For any fixed p the likelihood ratio
/// L(p) = (p/p0)^s ((1−p)/(1−p0))^f has, per request and under a true share q, the expectation q·p/p0 + (1−q)(1−p)/(1−p0). That is 1 at
/// q = p0 and linear in q with slope p/p0 − (1−p)/(1−p0), which is positive for p &gt; p0: so for every q ≤ p0 it is at most 1, and L(p) with p &gt; p0 is
/// a non-negative supermartingale. A mixture of supermartingales is one:
/// </para>
/// <para>E(s, f) = ∫ L(p) π(p) dp, E ≤ 1 in expectation, and by Ville's inequality P(E ever ≥ 1/α) ≤ α, however often one looks.</para>
/// <para>
/// With π ∝ p^(−½) (1−p)^(−½) on (p0, 1) the integral is a ratio of incomplete beta functions:
/// ln E = ln B(s+½, f+½) + ln(1 − I_p0(s+½, f+½)) − s ln p0 − f ln(1−p0) − ln B(½, ½) − ln(1 − I_p0(½, ½)).
/// The mirror image, π on (0, p0), is evidence that the share lies below p0.
/// </para>
/// <para>
/// Sources: H. Robbins, "Statistical methods related to the law of the iterated logarithm", 1970; A. Ramdas, P. Grünwald, V. Vovk, G. Shafer,
/// "Game-theoretic statistics and safe anytime-valid inference", 2023.
/// </para>
/// </remarks>
internal static class BetaMixtureTest
{
    private const double Prior = 0.5;

    /// <summary>ln of the e-value for "the bad share is above <paramref name="bound"/>" (0 &lt; bound &lt; 1).</summary>
    public static double LogEvidenceAbove(long bad, long good, double bound)
    {
        Check(bad, good, bound);
        return LogMixture(bad, good, bound)
            + LogBeta.LogUpperTail(bound, bad + Prior, good + Prior)
            - LogBeta.LogUpperTail(bound, Prior, Prior);
    }

    /// <summary>ln of the e-value for "the bad share is below <paramref name="bound"/>".</summary>
    public static double LogEvidenceBelow(long bad, long good, double bound)
    {
        Check(bad, good, bound);
        return LogMixture(bad, good, bound)
            + LogBeta.LogLowerTail(bound, bad + Prior, good + Prior)
            - LogBeta.LogLowerTail(bound, Prior, Prior);
    }

    private static double LogMixture(long bad, long good, double bound) =>
        LogBeta.Complete(bad + Prior, good + Prior) - LogBeta.Complete(Prior, Prior)
        - (bad * Math.Log(bound)) - (good * Math.Log(1 - bound));

    private static void Check(long bad, long good, double bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bad);
        ArgumentOutOfRangeException.ThrowIfNegative(good);
        if (bound is not (> 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(bound), bound, "The bound on the bad share must lie between 0 and 1.");
    }
}
