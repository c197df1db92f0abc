namespace AttentionOperator.Tokenization.Models;

/// <summary>Prefix tree over UTF-16 code units: children of a node lie side by side, sorted.</summary>
internal sealed class TokenTrie
{
    private readonly int[] firstChild;
    private readonly int[] childCount;
    private readonly char[] label;
    private readonly int[] value;
    private readonly int[] rootChild = new int[char.MaxValue + 1];

    /// <param name="tokens">Non-empty strings with their values, which are not negative.</param>
    public TokenTrie(IEnumerable<KeyValuePair<string, int>> tokens)
    {
        var sorted = tokens.Where(t => t.Key.Length > 0).OrderBy(t => t.Key, StringComparer.Ordinal).ToArray();
        var first = new List<int> { 0 };
        var count = new List<int> { 0 };
        var labels = new List<char> { '\0' };
        var values = new List<int> { -1 };
        // Breadth first, so that siblings get neighbouring numbers; explicit, because a token may be very long.
        var queue = new Queue<(int Node, int From, int To, int Depth)>();
        queue.Enqueue((0, 0, sorted.Length, 0));
        while (queue.TryDequeue(out var item))
        {
            var (node, from, to, depth) = item;
            while (from < to && sorted[from].Key.Length == depth)
                values[node] = sorted[from++].Value;
            first[node] = labels.Count;
            while (from < to)
            {
                var c = sorted[from].Key[depth];
                var end = from;
                while (end < to && sorted[end].Key[depth] == c)
                    end++;
                queue.Enqueue((labels.Count, from, end, depth + 1));
                first.Add(0);
                count.Add(0);
                labels.Add(c);
                values.Add(-1);
                count[node]++;
                from = end;
            }
        }
        (firstChild, childCount, label, value) = ([.. first], [.. count], [.. labels], [.. values]);
        for (var child = firstChild[0]; child < firstChild[0] + childCount[0]; child++)
            rootChild[label[child]] = child;
    }

    /// <summary>Next node, or 0 where there is none; the root is node 0.</summary>
    public int Step(int node, char c)
    {
        if (node == 0)
            return rootChild[c];
        var low = firstChild[node];
        var high = low + childCount[node] - 1;
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            var found = label[middle];
            if (found == c)
                return middle;
            if (found < c)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return 0;
    }

    /// <summary>Value of the token that ends at the node, or -1.</summary>
    public int ValueOf(int node) => value[node];
}
