namespace AttentionOperator.Gateway.Queueing;

/// <summary>
/// The waiting requests of one class: first come, first served inside a tenant; between tenants the one that was served fewest tokens (virtual token
/// counters, Sheng et al. 2024). A tenant that was idle starts at the level of the others: idleness is no credit. Not thread-safe.
/// </summary>
internal sealed class TenantLines<T>
    where T : class
{
    private const int Lookahead = 16;
    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);
    private double _level;

    public int Count { get; private set; }

    public LinkedListNode<T> Add(string tenant, T item)
    {
        if (!_lines.TryGetValue(tenant, out var line)) _lines[tenant] = line = new Line();
        if (line.Items.Count == 0) line.Served = Math.Max(line.Served, _level);
        Count++;
        return line.Items.AddLast(item);
    }

    public void Remove(string tenant, LinkedListNode<T> node)
    {
        if (node.List is null) return;
        node.List.Remove(node);
        Count--;
        Forget(tenant);
    }

    /// <summary>
    /// The first few of each tenant, whose turn it is first. More than the first, because that one may wait for a revision that is full while the next could run on
    /// another.
    /// </summary>
    public IEnumerable<T> Heads() => _lines.Values.Where(l => l.Items.Count > 0).OrderBy(l => l.Served).SelectMany(l => l.Items.Take(Lookahead));

    public IEnumerable<T> All() => _lines.Values.SelectMany(l => l.Items);

    /// <summary>Takes an item out and charges its tenant.</summary>
    public void Serve(string tenant, LinkedListNode<T> node, long tokens)
    {
        if (_lines.TryGetValue(tenant, out var line))
        {
            _level = Math.Max(_level, line.Served);
            line.Served += tokens;
        }

        Remove(tenant, node);
    }

    private void Forget(string tenant)
    {
        // Whoever is not above the level would be lifted to it anyway.
        if (_lines.TryGetValue(tenant, out var line) && line.Items.Count == 0 && (line.Served <= _level || _lines.Count > 1024)) _lines.Remove(tenant);
    }

    private sealed class Line
    {
        public LinkedList<T> Items { get; } = new();

        public double Served { get; set; }
    }
}
