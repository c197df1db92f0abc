namespace AttentionOperator.Gateway.Routing;

/// <summary>
/// Deals requests to revisions exactly by weight: a precomputed smooth round robin (as nginx's) that any number of threads walk with one
/// atomic increment. Over every full turn each revision gets exactly its weight; in between it is never more than one request off.
/// </summary>
internal sealed class WeightedSequence
{
    private readonly int[] _order;
    private uint _next;

    /// <param name="weights">Weights ≥ 0; at least one is positive.</param>
    public WeightedSequence(IReadOnlyList<int> weights)
    {
        var divisor = weights.Aggregate(0, GreatestCommonDivisor);
        ArgumentOutOfRangeException.ThrowIfZero(divisor, nameof(weights));
        var total = weights.Sum() / divisor;
        var current = new int[weights.Count];
        _order = new int[total];
        for (var turn = 0; turn < total; turn++)
        {
            for (var i = 0; i < current.Length; i++) current[i] += weights[i] / divisor;
            var best = 0;
            for (var i = 1; i < current.Length; i++)
            {
                if (current[i] > current[best]) best = i;
            }

            current[best] -= total;
            _order[turn] = best;
        }
    }

    /// <summary>Index of the weight whose turn it is.</summary>
    public int Next() => _order[(Interlocked.Increment(ref _next) - 1) % (uint)_order.Length];

    private static int GreatestCommonDivisor(int a, int b) => b == 0 ? a : GreatestCommonDivisor(b, a % b);
}
