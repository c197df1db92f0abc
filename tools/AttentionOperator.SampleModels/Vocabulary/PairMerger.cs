namespace AttentionOperator.SampleModels.Vocabulary;

/// <summary>
/// Byte-pair merging over a list of counted words (Sennrich, Haddow, Birch 2016): the most frequent adjacent pair becomes one symbol,
/// ties by the pair's own order, so that the result depends on nothing but the input.
/// </summary>
internal sealed class PairMerger
{
    private readonly List<(List<string> Symbols, int Count)> _words;

    public PairMerger(IEnumerable<(List<string> Symbols, int Count)> words) => _words = words.ToList();

    /// <summary>Merges until <paramref name="count"/> merges are made or no pair occurs twice.</summary>
    /// <param name="count">Most merges.</param>
    /// <param name="join">How the merged symbol is spelled.</param>
    public List<(string Left, string Right)> Run(int count, Func<string, string, string> join)
    {
        var pairs = new Dictionary<(string, string), int>();
        var where = new Dictionary<(string, string), HashSet<int>>();
        for (var w = 0; w < _words.Count; w++) Tally(w, 1, pairs, where);
        var merges = new List<(string, string)>();
        while (merges.Count < count)
        {
            var best = (Left: "", Right: "");
            var bestCount = 1;
            foreach (var (pair, n) in pairs)
            {
                if (n > bestCount || (n == bestCount && n > 1 && Compare(pair, best) < 0)) (best, bestCount) = (pair, n);
            }

            if (bestCount < 2) break;
            merges.Add(best);
            var merged = join(best.Left, best.Right);
            foreach (var w in where[best].ToArray())
            {
                Tally(w, -1, pairs, where);
                var symbols = _words[w].Symbols;
                for (var i = 0; i + 1 < symbols.Count; i++)
                {
                    if (symbols[i] != best.Left || symbols[i + 1] != best.Right) continue;
                    symbols[i] = merged;
                    symbols.RemoveAt(i + 1);
                }

                Tally(w, 1, pairs, where);
            }
        }

        return merges;
    }

    private static int Compare((string, string) a, (string, string) b)
    {
        var first = string.CompareOrdinal(a.Item1, b.Item1);
        return first != 0 ? first : string.CompareOrdinal(a.Item2, b.Item2);
    }

    private void Tally(int word, int sign, Dictionary<(string, string), int> pairs, Dictionary<(string, string), HashSet<int>> where)
    {
        var (symbols, count) = _words[word];
        for (var i = 0; i + 1 < symbols.Count; i++)
        {
            var pair = (symbols[i], symbols[i + 1]);
            pairs[pair] = pairs.GetValueOrDefault(pair) + (sign * count);
            if (!where.TryGetValue(pair, out var words)) where[pair] = words = [];
            if (sign > 0) words.Add(word);
            else words.Remove(word);
            if (pairs[pair] == 0) pairs.Remove(pair);
        }
    }
}
