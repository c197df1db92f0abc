using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.Models;

/// <summary>Greedy longest match from the left; a word that cannot be covered is one unknown token.</summary>
internal sealed class WordPieceModel(Vocabulary vocabulary, int unknownId, string prefix, int longestWord) : ITokenModel
{
    private readonly int longestToken = vocabulary.LongestToken;
    private readonly WordCache cache = new();

    public Vocabulary Vocabulary => vocabulary;

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
                cached = Match(piece);
                cache.Add(piece, cached);
            }
            output.Add(cached);
            return;
        }
        if (piece.Length > longestWord && CountScalars(piece) > longestWord)
        {
            output.Add(unknownId, 0, piece.Length);
            return;
        }
        var parts = new List<(int Id, int Start, int End)>();
        if (TryMatch(piece, parts))
        {
            foreach (var (id, start, end) in parts)
                output.Add(id, start, end);
        }
        else
        {
            output.Add(unknownId, 0, piece.Length);
        }
    }

    private CachedWord Match(ReadOnlySpan<char> piece)
    {
        var parts = new List<(int Id, int Start, int End)>();
        if ((piece.Length > longestWord && CountScalars(piece) > longestWord) || !TryMatch(piece, parts))
            return new CachedWord([unknownId], [0], [(byte)piece.Length]);
        return new CachedWord([.. parts.Select(p => p.Id)], [.. parts.Select(p => (byte)p.Start)], [.. parts.Select(p => (byte)p.End)]);
    }

    private bool TryMatch(ReadOnlySpan<char> piece, List<(int Id, int Start, int End)> parts)
    {
        var buffer = new char[prefix.Length + Math.Min(piece.Length, longestToken)];
        prefix.CopyTo(buffer);
        for (var start = 0; start < piece.Length;)
        {
            var lead = start > 0 ? prefix.Length : 0;
            var most = Math.Min(piece.Length - start, longestToken - lead);
            var found = -1;
            var size = 0;
            if (most > 0)
                piece.Slice(start, most).CopyTo(buffer.AsSpan(prefix.Length));
            for (size = most; size > 0; size--)
            {
                if (start + size < piece.Length && char.IsLowSurrogate(piece[start + size]))
                    continue;
                if (vocabulary.TryGetId(buffer.AsSpan(prefix.Length - lead, lead + size), out found))
                    break;
            }
            if (size <= 0)
                return false;
            parts.Add((found, start, start + size));
            start += size;
        }
        return true;
    }

    private static int CountScalars(ReadOnlySpan<char> text)
    {
        var count = 0;
        for (var i = 0; i < text.Length; i += Scalars.LengthAt(text, i))
            count++;
        return count;
    }
}
