using System.Buffers;
using System.Text;
using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.Models;

/// <summary>The most probable segmentation under independent token probabilities (Viterbi).</summary>
internal sealed class UnigramModel : ITokenModel
{
    // Kudo 2018, as implemented by SentencePiece: an unknown character costs ten nats more than the rarest token.
    private const double UnknownPenalty = 10.0;

    private readonly TokenTrie trie;
    private readonly double[] scores;
    private readonly double unknownScore;
    private readonly int? unknownId;
    private readonly int[] byteIds;
    private readonly bool byteFallback;
    private readonly WordCache cache = new();

    private struct Node
    {
        public double Score;
        public int Start;
        public int Id;
    }

    public UnigramModel(Vocabulary vocabulary, double[] scores, int? unknownId, bool byteFallback)
    {
        Vocabulary = vocabulary;
        this.scores = scores;
        this.unknownId = unknownId;
        this.byteFallback = byteFallback;
        byteIds = vocabulary.ByteIds();
        trie = new TokenTrie(vocabulary.Ids);
        unknownScore = (scores.Length == 0 ? 0 : scores.Min()) - UnknownPenalty;
    }

    public Vocabulary Vocabulary { get; }

    public bool HonoursCleanUp => true;

    public int LongestTokenBytes(bool byteLevel) => 0;

    public void Tokenize(ReadOnlySpan<char> piece, TokenBuffer output)
    {
        if (piece.IsEmpty)
            return;
        if (piece.Length <= WordCache.LongestWord)
        {
            if (!cache.TryGet(piece, out var cached))
            {
                var parts = Segment(piece);
                cached = new CachedWord([.. parts.Select(p => p.Id)], [.. parts.Select(p => (byte)p.Start)], [.. parts.Select(p => (byte)p.End)]);
                cache.Add(piece, cached);
            }
            output.Add(cached);
            return;
        }
        foreach (var (id, start, end) in Segment(piece))
            output.Add(id, start, end);
    }

    private List<(int Id, int Start, int End)> Segment(ReadOnlySpan<char> piece)
    {
        var nodes = ArrayPool<Node>.Shared.Rent(piece.Length + 1);
        try
        {
            Forward(piece, nodes);
            var reversed = new List<(int Id, int Start, int End)>();
            var unknownEnd = -1;
            var at = piece.Length;
            while (at > 0)
            {
                var node = nodes[at];
                var isUnknown = unknownId == node.Id || node.Id < 0;
                if (!isUnknown)
                {
                    FlushUnknown(piece, at);
                    AddPiece(piece, node.Start, at, reversed);
                }
                else if (unknownEnd < 0)
                {
                    unknownEnd = at;
                }
                at = node.Start;
            }
            FlushUnknown(piece, 0);
            reversed.Reverse();
            return reversed;

            void FlushUnknown(ReadOnlySpan<char> text, int start)
            {
                if (unknownEnd >= 0)
                    AddPiece(text, start, unknownEnd, reversed);
                unknownEnd = -1;
            }
        }
        finally
        {
            ArrayPool<Node>.Shared.Return(nodes);
        }
    }

    private void Forward(ReadOnlySpan<char> piece, Node[] nodes)
    {
        for (var i = 0; i <= piece.Length; i++)
            nodes[i] = new Node { Start = -1 };
        for (var start = 0; start < piece.Length;)
        {
            var here = nodes[start].Score;
            var length = Scalars.LengthAt(piece, start);
            var hasSingle = false;
            var node = 0;
            for (var end = start; end < piece.Length;)
            {
                node = trie.Step(node, piece[end++]);
                if (node == 0)
                    break;
                var id = trie.ValueOf(node);
                if (id < 0)
                    continue;
                Offer(ref nodes[end], scores[id] + here, start, id);
                hasSingle |= end - start == length;
            }
            if (!hasSingle)
                Offer(ref nodes[start + length], unknownScore + here, start, unknownId ?? -1);
            start += length;
        }

        static void Offer(ref Node target, double score, int start, int id)
        {
            if (target.Start < 0 || score > target.Score)
                target = new Node { Score = score, Start = start, Id = id };
        }
    }

    // Appends in reverse order.
    private void AddPiece(ReadOnlySpan<char> text, int start, int end, List<(int Id, int Start, int End)> reversed)
    {
        var part = text[start..end];
        if (Vocabulary.TryGetId(part, out var id))
        {
            reversed.Add((id, start, end));
            return;
        }
        if (byteFallback)
        {
            var bytes = new byte[Encoding.UTF8.GetByteCount(part)];
            Encoding.UTF8.GetBytes(part, bytes);
            if (Array.TrueForAll(bytes, b => byteIds[b] >= 0))
            {
                for (var i = bytes.Length - 1; i >= 0; i--)
                    reversed.Add((byteIds[bytes[i]], start, end));
                return;
            }
        }
        reversed.Add((unknownId ?? throw new TokenizationException(
            "The text has a character outside the vocabulary, and the vocabulary has no unknown token."), start, end));
    }
}
