using System.Buffers;
using System.Text;
using AttentionOperator.Tokenization.Text;

namespace AttentionOperator.Tokenization.Models;

/// <summary>Byte-pair encoding: byte-level and with byte fallback.</summary>
internal sealed class BpeModel : ITokenModel
{
    // Pieces longer than this are first cut where no merge can reach across.
    private const int CutFrom = 32;

    private readonly MergeTable merges;
    private readonly BpeOptions options;
    private readonly int[] byteIds;
    private readonly WordCache cache = new();
    private readonly bool wrapsSymbols;

    // Pairs of neighbouring characters that some merge joins: (left << 16) | right.
    private readonly HashSet<uint> joints;
    private readonly bool canCut;

    public BpeModel(Vocabulary vocabulary, MergeTable merges, HashSet<uint> joints, BpeOptions options)
    {
        Vocabulary = vocabulary;
        this.merges = merges;
        this.joints = joints;
        this.options = options;
        byteIds = options.ByteFallback ? vocabulary.ByteIds() : [];
        wrapsSymbols = options.ContinuingSubwordPrefix.Length > 0 || options.EndOfWordSuffix.Length > 0;
        canCut = !wrapsSymbols && !options.IgnoreMerges;
    }

    public Vocabulary Vocabulary { get; }

    public bool HonoursCleanUp => false;

    public int LongestTokenBytes(bool byteLevel)
    {
        if (byteLevel)
        {
            // A byte without an entry of its own would vanish or join others in one unknown token.
            for (var b = 0; b < 256; b++)
            {
                if (!Vocabulary.TryGetId(ByteAlphabet.CharOf((byte)b).ToString(), out _))
                    return 0;
            }
            return Vocabulary.LongestToken;
        }
        return options.ByteFallback && !wrapsSymbols && Array.TrueForAll(byteIds, id => id >= 0)
            ? Vocabulary.Ids.Keys.Max(t => Scalars.Utf8Length(t))
            : 0;
    }

    public void Tokenize(ReadOnlySpan<char> piece, TokenBuffer output)
    {
        if (piece.IsEmpty)
            return;
        if (options.IgnoreMerges && Vocabulary.TryGetId(piece, out var whole))
        {
            output.Add(whole, 0, piece.Length);
            return;
        }
        if (!canCut || piece.Length <= CutFrom)
        {
            TokenizeWord(piece, output);
            return;
        }
        var offset = output.Offset;
        var start = 0;
        for (var i = 1; i < piece.Length; i++)
        {
            if (!IsCut(piece[i - 1], piece[i]))
                continue;
            output.Offset = offset + start;
            TokenizeWord(piece[start..i], output);
            start = i;
        }
        output.Offset = offset + start;
        TokenizeWord(piece[start..], output);
        output.Offset = offset;
    }

    // Both characters must be entries: what is not may become bytes or fuse with its neighbours.
    private bool IsCut(char left, char right) => !joints.Contains(((uint)left << 16) | right)
        && !char.IsSurrogate(left) && !char.IsSurrogate(right)
        && Vocabulary.TryGetId([left], out _) && Vocabulary.TryGetId([right], out _);

    private void TokenizeWord(ReadOnlySpan<char> word, TokenBuffer output)
    {
        var cacheable = word.Length <= WordCache.LongestWord;
        if (cacheable && cache.TryGet(word, out var cached))
        {
            output.Add(cached);
            return;
        }
        var capacity = options.ByteFallback ? word.Length * 3 : word.Length;
        var rented = capacity > 256 ? ArrayPool<BpeSymbol>.Shared.Rent(capacity) : null;
        var symbols = rented is null ? stackalloc BpeSymbol[capacity] : rented.AsSpan(0, capacity);
        try
        {
            symbols = symbols[..Split(word, symbols)];
            BpeMerger.Merge(symbols, merges);
            if (cacheable)
            {
                var tokens = ToCached(symbols);
                cache.Add(word, tokens);
                output.Add(tokens);
                return;
            }
            for (var i = symbols.Length == 0 ? -1 : 0; i >= 0; i = symbols[i].Next)
                output.Add(symbols[i].Id, symbols[i].Start, symbols[i].End);
        }
        finally
        {
            if (rented is not null)
                ArrayPool<BpeSymbol>.Shared.Return(rented);
        }
    }

    private static CachedWord ToCached(ReadOnlySpan<BpeSymbol> symbols)
    {
        var count = 0;
        for (var i = symbols.Length == 0 ? -1 : 0; i >= 0; i = symbols[i].Next)
            count++;
        var word = new CachedWord(new int[count], new byte[count], new byte[count]);
        var at = 0;
        for (var i = symbols.Length == 0 ? -1 : 0; i >= 0; i = symbols[i].Next, at++)
        {
            word.Ids[at] = symbols[i].Id;
            word.Starts[at] = (byte)symbols[i].Start;
            word.Ends[at] = (byte)symbols[i].End;
        }
        return word;
    }

    // Initial symbols: one per scalar, its bytes, or the unknown token.
    private int Split(ReadOnlySpan<char> word, Span<BpeSymbol> symbols)
    {
        var count = 0;
        var unknownStart = -1;
        var unknownEnd = -1;
        Span<byte> bytes = stackalloc byte[4];
        for (var i = 0; i < word.Length;)
        {
            var scalar = Scalars.At(word, i, out var length);
            var end = i + length;
            if (TryGetSymbol(word, i, end, out var id))
            {
                FlushUnknown(symbols);
                symbols[count++] = new BpeSymbol { Id = id, Start = i, End = end };
            }
            else if (options.ByteFallback && HasBytes(bytes[..new Rune(scalar).EncodeToUtf8(bytes)], out var byteCount))
            {
                for (var b = 0; b < byteCount; b++)
                    symbols[count++] = new BpeSymbol { Id = byteIds[bytes[b]], Start = i, End = end };
            }
            else if (options.UnknownId is not null)
            {
                if (!options.FuseUnknown)
                    FlushUnknown(symbols);
                unknownStart = unknownStart < 0 ? i : unknownStart;
                unknownEnd = end;
            }
            i = end;
        }
        FlushUnknown(symbols);
        return count;

        void FlushUnknown(Span<BpeSymbol> list)
        {
            if (unknownStart < 0)
                return;
            list[count++] = new BpeSymbol { Id = options.UnknownId!.Value, Start = unknownStart, End = unknownEnd };
            unknownStart = -1;
        }
    }

    private bool HasBytes(ReadOnlySpan<byte> bytes, out int count)
    {
        count = bytes.Length;
        foreach (var b in bytes)
        {
            if (byteIds[b] < 0)
                return false;
        }
        return true;
    }

    private bool TryGetSymbol(ReadOnlySpan<char> word, int start, int end, out int id)
    {
        if (!wrapsSymbols)
            return Vocabulary.TryGetId(word[start..end], out id);
        var text = word[start..end].ToString();
        if (start > 0)
            text = options.ContinuingSubwordPrefix + text;
        if (end == word.Length)
            text += options.EndOfWordSuffix;
        return Vocabulary.TryGetId(text, out id);
    }
}
