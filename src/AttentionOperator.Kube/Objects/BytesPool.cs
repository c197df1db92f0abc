namespace AttentionOperator.Kube.Objects;

/// <summary>Shares equal documents: objects that one planner renders own the same fields, ten thousand times over.</summary>
internal sealed class BytesPool
{
    private const int Limit = 4_096;
    private readonly Lock gate = new();
    private readonly Dictionary<int, byte[]> documents = [];

    public static BytesPool Shared { get; } = new();

    public byte[] Get(ReadOnlySpan<byte> document)
    {
        var hash = new HashCode();
        hash.AddBytes(document);
        int code = hash.ToHashCode();
        lock (gate)
        {
            if (documents.TryGetValue(code, out byte[]? known) && document.SequenceEqual(known))
            {
                return known;
            }

            if (documents.Count >= Limit)
            {
                documents.Clear();
            }

            byte[] copy = document.ToArray();
            documents[code] = copy;
            return copy;
        }
    }
}
