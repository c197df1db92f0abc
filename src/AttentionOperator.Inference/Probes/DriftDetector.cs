namespace AttentionOperator.Inference.Probes;

/// <summary>
/// Watches one number: the first values are the reference, cut at its deciles; each full window after it is compared. Says nothing
/// before the first full window: too little data is never "no drift".
/// </summary>
/// <param name="referenceSize">Values of the reference.</param>
/// <param name="windowSize">Values of a window; the index needs some hundred to mean anything.</param>
/// <param name="alpha">Probability that a window without a change exceeds the threshold.</param>
public sealed class DriftDetector(int referenceSize, int windowSize, double alpha)
{
    private const int Bins = 10;
    private const int Remembered = 5;
    private const int Needed = 3;
    private readonly int[] reference = new int[Bins];
    private readonly int[] window = new int[Bins];
    private readonly Queue<bool> exceeded = new(Remembered);
    private List<double>? collecting = new(referenceSize);
    private double[] edges = [];
    private int inWindow;
    private bool drifting;

    /// <summary>Null until there is a reference and a full window after it.</summary>
    public DriftState? State { get; private set; }

    public void Add(double value)
    {
        if (!double.IsFinite(value)) return;
        if (collecting is not null)
        {
            collecting.Add(value);
            if (collecting.Count == referenceSize) Freeze(collecting);
            return;
        }

        window[BinOf(value)]++;
        if (++inWindow < windowSize) return;
        Judge();
        Array.Clear(window);
        inWindow = 0;
    }

    private void Freeze(List<double> values)
    {
        collecting = null;
        values.Sort();
        edges = [.. Enumerable.Range(1, Bins - 1).Select(i => values[i * values.Count / Bins])];
        foreach (var value in values) reference[BinOf(value)]++;
    }

    private void Judge()
    {
        var score = PopulationStability.Index(reference, window);
        var threshold = PopulationStability.Threshold(Bins, referenceSize, windowSize, alpha);
        if (exceeded.Count == Remembered) exceeded.Dequeue();
        exceeded.Enqueue(score > threshold);
        if (exceeded.Count(e => e) >= Needed) drifting = true;
        if (score < threshold / 2)
        {
            drifting = false;
            exceeded.Clear();
        }

        State = new DriftState(score, threshold, drifting);
    }

    private int BinOf(double value)
    {
        var bin = 0;
        while (bin < edges.Length && value >= edges[bin]) bin++;
        return bin;
    }
}
