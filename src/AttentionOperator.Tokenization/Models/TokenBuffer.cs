namespace AttentionOperator.Tokenization.Models;

/// <summary>Tokens of one piece with their ranges in it; or, when counting, only their number.</summary>
internal sealed class TokenBuffer(bool countsOnly)
{
    private int[] ids = countsOnly ? [] : new int[256];
    private int[] starts = countsOnly ? [] : new int[256];
    private int[] ends = countsOnly ? [] : new int[256];

    /// <summary>Added to the positions of what follows.</summary>
    public int Offset { get; set; }

    public int Count { get; private set; }

    public ReadOnlySpan<int> Ids => ids.AsSpan(0, Count);

    public int StartOf(int index) => starts[index];

    public int EndOf(int index) => ends[index];

    public void Clear() => Count = 0;

    public void Add(int id, int start, int end)
    {
        if (countsOnly)
        {
            Count++;
            return;
        }
        if (Count == ids.Length)
        {
            Array.Resize(ref ids, Count * 2);
            Array.Resize(ref starts, Count * 2);
            Array.Resize(ref ends, Count * 2);
        }
        ids[Count] = id;
        starts[Count] = Offset + start;
        ends[Count] = Offset + end;
        Count++;
    }

    public void Add(CachedWord word)
    {
        if (countsOnly)
        {
            Count += word.Ids.Length;
            return;
        }
        for (var i = 0; i < word.Ids.Length; i++)
            Add(word.Ids[i], word.Starts[i], word.Ends[i]);
    }
}

/// <summary>Tokens of a word that was seen before.</summary>
internal sealed record CachedWord(int[] Ids, byte[] Starts, byte[] Ends);
