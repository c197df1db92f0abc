namespace AttentionOperator.Inference.Engine;

/// <summary>
/// Says how many tokens of lower classes a step may compute beside interactive requests, so that it takes about half as long again as one without them:
/// a long prompt in the same step would slow every token of theirs. Learnt from the steps themselves, because it is a handful of tokens on a CPU and
/// hundreds on a GPU, where a small step leaves most of the device idle.
/// </summary>
internal sealed class StepPacer
{
    /// <summary>Tokens of a step whose time is the time of a step as such.</summary>
    private const int Small = 8;

    /// <summary>Tokens of a step whose time tells the time per token.</summary>
    private const int Large = 32;

    private const double Weight = 0.1;

    /// <summary>Added time, in small steps.</summary>
    private const double Patience = 0.5;

    /// <summary>Lower classes go on, if slowly.</summary>
    private const int Least = 2;

    private double stepSeconds;
    private double tokenSeconds;

    /// <summary>Tokens; unbounded until both times are known.</summary>
    public int LowerClassTokens => stepSeconds <= 0 || tokenSeconds <= 0 ? int.MaxValue : (int)Math.Clamp(stepSeconds * Patience / tokenSeconds, Least, int.MaxValue);

    public void Observe(int tokens, TimeSpan duration)
    {
        var seconds = duration.TotalSeconds;
        if (tokens <= Small) stepSeconds = Mean(stepSeconds, seconds);
        else if (tokens >= Large) tokenSeconds = Mean(tokenSeconds, Math.Max(0, seconds - stepSeconds) / tokens);
    }

    private static double Mean(double mean, double next) => mean <= 0 ? next : mean + (Weight * (next - mean));
}
