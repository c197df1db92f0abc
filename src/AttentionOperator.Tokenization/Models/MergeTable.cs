namespace AttentionOperator.Tokenization.Models;

/// <summary>Pairs of ids that merge: open addressing, read-only after loading.</summary>
internal sealed class MergeTable
{
    private const ulong Empty = ulong.MaxValue;

    private readonly ulong[] keys;
    private readonly (int Rank, int Id)[] values;
    private readonly int mask;

    public MergeTable(int capacity)
    {
        var size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, capacity * 2));
        keys = new ulong[size];
        Array.Fill(keys, Empty);
        values = new (int, int)[size];
        mask = size - 1;
    }

    /// <summary>A pair that is listed twice keeps its last rank, as a map would.</summary>
    public void Set(int left, int right, int rank, int id)
    {
        var key = Key(left, right);
        var slot = Slot(key);
        while (keys[slot] != Empty && keys[slot] != key)
            slot = (slot + 1) & mask;
        keys[slot] = key;
        values[slot] = (rank, id);
    }

    public bool TryGet(int left, int right, out int rank, out int id)
    {
        var key = Key(left, right);
        for (var slot = Slot(key); ; slot = (slot + 1) & mask)
        {
            if (keys[slot] == key)
            {
                (rank, id) = values[slot];
                return true;
            }
            if (keys[slot] == Empty)
            {
                rank = int.MaxValue;
                id = -1;
                return false;
            }
        }
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private int Slot(ulong key) => (int)((key * 0x9E37_79B9_7F4A_7C15UL) >> 32) & mask;
}
