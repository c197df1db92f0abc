using AttentionOperator.Bench.Results;

namespace AttentionOperator.OperatorBench;

/// <summary>One pass over every model.</summary>
/// <param name="PerSecond">Reconciles per second, of all workers.</param>
/// <param name="Milliseconds">How long each took.</param>
internal sealed record PassRun(double PerSecond, IReadOnlyCollection<double> Milliseconds)
{
    public override string ToString() => $"{PerSecond:F0} per second, P50 {Quantiles.Of(Milliseconds, 0.5):F3} ms, P99 {Quantiles.Of(Milliseconds, 0.99):F3} ms";
}
