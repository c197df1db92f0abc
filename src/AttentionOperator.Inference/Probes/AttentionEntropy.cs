namespace AttentionOperator.Inference.Probes;

/// <summary>
/// Entropy of attention, −Σ p ln p in nats, per layer and head, averaged over the query rows that were asked for. Normalised
/// entropy divides by ln(visible keys), so that lengths can be compared; rows with one visible key have none.
/// </summary>
/// <param name="rows">Indices of the batch's tokens to look at; null = all.</param>
public sealed class AttentionEntropy(IReadOnlySet<int>? rows = null)
{
    private readonly List<Layer> _layers = [];

    /// <summary>Is the token asked for?</summary>
    public bool Wants(int token) => rows is null || rows.Contains(token);

    public bool WantsAll => rows is null;

    public int LayerCount => _layers.Count;

    /// <summary>Mean entropy by head.</summary>
    public double[] MeanByHead(int layer) => [.. _layers[layer].Entropy.Select(sum => sum / _layers[layer].Rows)];

    /// <summary>Mean over heads and rows of the normalised entropy, 0…1.</summary>
    public double MeanNormalized(int layer) => _layers[layer].NormalizedRows == 0 ? 0 : _layers[layer].Normalized / (_layers[layer].NormalizedRows * (double)_layers[layer].Entropy.Length);

    /// <summary>Adds one row: its entropy by head and how many keys it sees.</summary>
    public void Add(int layer, ReadOnlySpan<float> entropyByHead, int visible)
    {
        while (_layers.Count <= layer)
            _layers.Add(new Layer(entropyByHead.Length));
        var sums = _layers[layer];
        sums.Rows++;
        for (var head = 0; head < entropyByHead.Length; head++)
        {
            sums.Entropy[head] += entropyByHead[head];
            if (visible > 1)
                sums.Normalized += entropyByHead[head] / Math.Log(visible);
        }

        if (visible > 1)
            sums.NormalizedRows++;
    }

    private sealed class Layer(int heads)
    {
        public double[] Entropy { get; } = new double[heads];

        public double Normalized { get; set; }

        public int NormalizedRows { get; set; }

        public int Rows { get; set; }
    }
}
