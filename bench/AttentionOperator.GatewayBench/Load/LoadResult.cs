using AttentionOperator.Bench.Results;

namespace AttentionOperator.GatewayBench.Load;

/// <summary>What a load saw: milliseconds from sending a request to the last byte of its answer, and answers other than 200.</summary>
internal sealed class LoadResult
{
    private readonly List<double> milliseconds = [];

    public int Errors { get; private set; }

    public int Answers => milliseconds.Count;

    public double P50 => Quantiles.Of(milliseconds, 0.5);

    public double P95 => Quantiles.Of(milliseconds, 0.95);

    public double P99 => Quantiles.Of(milliseconds, 0.99);

    public double Mean => milliseconds.Average();

    public void Add(int status, TimeSpan time)
    {
        lock (milliseconds)
        {
            if (status == 200)
            {
                milliseconds.Add(time.TotalMilliseconds);
            }
            else
            {
                Errors++;
            }
        }
    }

    public override string ToString() => Answers == 0 ? $"no answer, {Errors} errors" : $"P50 {P50:F3} ms, P95 {P95:F3} ms, P99 {P99:F3} ms, {Answers} answers, {Errors} errors";
}
