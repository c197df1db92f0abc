using System.Globalization;

namespace AttentionOperator.Slo;

/// <summary>The verdict on one objective with the numbers behind it.</summary>
/// <param name="Name">The objective.</param>
/// <param name="Canary">Verdict on the canary's counts.</param>
/// <param name="Stable">Verdict on the stable revision's counts over the same interval.</param>
/// <param name="CanaryCounts">The canary's counts.</param>
/// <param name="StableCounts">The stable revision's counts.</param>
/// <param name="Bound">Bad share that is just tolerable.</param>
/// <param name="LogEvidence">ln of the canary's e-value for "above the bound".</param>
/// <param name="LogThreshold">ln of the e-value that condemns.</param>
internal sealed record ObjectiveJudgement(
    string Name, SloVerdict Canary, SloVerdict Stable, ObjectiveCounts CanaryCounts, ObjectiveCounts StableCounts, double Bound, double LogEvidence, double LogThreshold)
{
    /// <summary>One sentence with every number, for conditions, events and <c>why</c>.</summary>
    public string Explain() => string.Create(CultureInfo.InvariantCulture,
        $"{Name}: {CanaryCounts.Bad} of {CanaryCounts.Total} canary requests bad ({CanaryCounts.BadShare:P2}), {StableCounts.Bad} of {StableCounts.Total} stable ({StableCounts.BadShare:P2}), tolerable {Bound:P2}; evidence e^{LogEvidence:F1}, condemned at e^{LogThreshold:F1}: {Canary}");
}
