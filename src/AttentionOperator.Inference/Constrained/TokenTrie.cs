using AttentionOperator.Tokenization;

namespace AttentionOperator.Inference.Constrained;

/// <summary>
/// The vocabulary's bytes as a prefix tree in preorder, so that a walk can skip everything below a byte that is not allowed. Special tokens and
/// tokens without bytes are not in it.
/// </summary>
internal sealed class TokenTrie
{
    private readonly List<byte> bytes = [];
    private readonly List<int> depths = [];
    private readonly List<int> ends = [];
    private readonly List<int> tokens = [];
    private readonly int[] nextWithSameBytes;

    public TokenTrie(ITokenizer tokenizer, int vocabularySize)
    {
        VocabularySize = vocabularySize;
        nextWithSameBytes = new int[vocabularySize];
        Array.Fill(nextWithSameBytes, -1);
        var spelled = Enumerable.Range(0, Math.Min(vocabularySize, tokenizer.VocabularySize))
            .Where(id => !tokenizer.IsSpecial(id))
            .Select(id => (Id: id, Bytes: tokenizer.BytesOf(id)))
            .Where(t => t.Bytes.Length > 0)
            .ToArray();
        Array.Sort(spelled, (left, right) => left.Bytes.AsSpan().SequenceCompareTo(right.Bytes));
        Build(spelled);
    }

    public int VocabularySize { get; }

    public int Words => (VocabularySize + 63) / 64;

    public int Nodes => bytes.Count;

    public int MaxDepth { get; private set; }

    public byte ByteAt(int node) => bytes[node];

    /// <summary>1 for the first byte of a token.</summary>
    public int DepthAt(int node) => depths[node];

    /// <summary>The first node that is not below this one.</summary>
    public int EndOf(int node) => ends[node];

    /// <summary>A token that ends at the node; −1 where none does.</summary>
    public int TokenAt(int node) => tokens[node];

    /// <summary>Another token with the same bytes; −1 where there is none.</summary>
    public int SameAs(int token) => nextWithSameBytes[token];

    private void Build((int Id, byte[] Bytes)[] sorted)
    {
        Stack<int> path = [];
        byte[] previous = [];
        foreach (var (id, spelling) in sorted)
        {
            var common = spelling.AsSpan().CommonPrefixLength(previous);
            while (path.Count > common) ends[path.Pop()] = bytes.Count;
            for (var depth = common; depth < spelling.Length; depth++)
            {
                path.Push(bytes.Count);
                bytes.Add(spelling[depth]);
                depths.Add(depth + 1);
                ends.Add(0);
                tokens.Add(-1);
            }

            MaxDepth = Math.Max(MaxDepth, spelling.Length);
            var node = path.Peek();
            nextWithSameBytes[id] = tokens[node];
            tokens[node] = id;
            previous = spelling;
        }

        while (path.TryPop(out var open)) ends[open] = bytes.Count;
    }
}
