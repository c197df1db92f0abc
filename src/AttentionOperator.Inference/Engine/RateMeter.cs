namespace AttentionOperator.Inference.Engine;

/// <summary>Exponentially weighted rate of events per second, without bias while it is young. Not thread-safe.</summary>
internal sealed class RateMeter(TimeProvider time, TimeSpan window)
{
    private readonly long born = time.GetTimestamp();
    private long updated = time.GetTimestamp();
    private double weight;

    public void Add(double amount)
    {
        Decay();
        weight += amount;
    }

    /// <summary>0 while nothing has happened.</summary>
    public double PerSecond()
    {
        Decay();
        var age = time.GetElapsedTime(born, updated) / window;
        // ∫ exp(−t/window) over the meter's life, which is the whole window once it is old.
        var observed = window.TotalSeconds * (1 - Math.Exp(-age));
        return weight == 0 ? 0 : weight / Math.Max(observed, 1e-3);
    }

    private void Decay()
    {
        var now = time.GetTimestamp();
        if (now == updated) return;
        weight *= Math.Exp(-(time.GetElapsedTime(updated, now) / window));
        updated = now;
    }
}
