namespace AttentionOperator.Slo;

/// <summary>One objective's error budget.</summary>
/// <param name="Name">The objective's name in the spec.</param>
/// <param name="Budget">Share of requests that may be bad over the window: 1 − target.</param>
internal sealed record ObjectiveBudget(string Name, double Budget)
{
    /// <summary>
    /// The bad share that is just tolerable: <paramref name="burnRate"/> × budget. A loose objective under a high burn rate would pass 1, which nothing
    /// can violate; the bound then lies half way between the budget and 1.
    /// </summary>
    public double Bound(double burnRate) => Math.Min(burnRate * Budget, (1 + Budget) / 2);
}
