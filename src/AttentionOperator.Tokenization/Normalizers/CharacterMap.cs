using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;

namespace AttentionOperator.Tokenization.Normalizers;

/// <summary>
/// SentencePiece's compiled character map: a Darts-clone double-array trie over UTF-8 keys whose values are positions in a block of
/// NUL-terminated replacements. Layout: trie size in bytes (little-endian uint32), trie units, replacements.
/// </summary>
internal sealed class CharacterMap
{
    private readonly uint[] units;
    private readonly byte[] replacements;
    private readonly ConcurrentDictionary<int, string> decoded = new();

    private CharacterMap(uint[] units, byte[] replacements)
    {
        this.units = units;
        this.replacements = replacements;
    }

    /// <summary>Null where the bytes do not have the layout.</summary>
    public static CharacterMap? TryRead(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 4)
            return null;
        var size = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (size == 0 || size % 4 != 0 || size > bytes.Length - 4)
            return null;
        var units = new uint[size / 4];
        for (var i = 0; i < units.Length; i++)
            units[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 + (i * 4))..]);
        return new CharacterMap(units, bytes[(4 + (int)size)..].ToArray());
    }

    /// <summary>Replacement of the shortest key that the chunk begins with, or null.</summary>
    public string? Find(ReadOnlySpan<char> chunk)
    {
        Span<byte> key = stackalloc byte[16];
        if (!Encoding.UTF8.TryGetBytes(chunk, key, out var length))
            return null;
        var node = Offset(units[0]);
        foreach (var b in key[..length])
        {
            if (b == 0)
                return null;
            node ^= b;
            if (node >= (uint)units.Length)
                return null;
            var unit = units[node];
            if ((unit & 0x8000_00FF) != b)
                return null;
            node ^= Offset(unit);
            if (node >= (uint)units.Length)
                return null;
            if ((unit & 0x100) != 0)
                return decoded.GetOrAdd((int)(units[node] & 0x7FFF_FFFF), ReplacementAt);
        }
        return null;
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);

    private string ReplacementAt(int start)
    {
        if (start >= replacements.Length)
            return "";
        var rest = replacements.AsSpan(start);
        var end = rest.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]);
    }
}
