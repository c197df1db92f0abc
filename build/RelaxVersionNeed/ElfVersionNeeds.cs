using System.Buffers.Binary;
using System.Text;

namespace AttentionOperator.Build;

/// <summary>
/// Edits the GNU version needs (<c>.gnu.version_r</c>) of a 64-bit little-endian ELF file. The loader refuses a library whose
/// needed symbol version the system lacks, unless the need is marked weak (VER_FLG_WEAK; LSB core specification 10.7.2).
/// </summary>
internal static class ElfVersionNeeds
{
    private const uint SectionTypeVersionNeed = 0x6ffffffe;
    private const ushort WeakFlag = 0x2;

    /// <summary>Marks every need of <paramref name="version"/> as weak. An image without that need stays as it is.</summary>
    /// <exception cref="FormatException">The image is not a 64-bit little-endian ELF file.</exception>
    public static void MakeWeak(Span<byte> image, string version)
    {
        if (image.Length < 64 || !image[..4].SequenceEqual("\u007fELF"u8) || image[4] != 2 || image[5] != 1)
            throw new FormatException("not a 64-bit little-endian ELF file");

        var sections = Offset(image, 0x28);
        int size = UInt16(image, 0x3A), count = UInt16(image, 0x3C);
        for (var i = 0; i < count; i++)
        {
            var header = sections + i * size;
            if (UInt32(image, header + 4) != SectionTypeVersionNeed)
                continue;
            var strings = Offset(image, sections + (int)UInt32(image, header + 0x28) * size + 0x18);
            MarkEntries(image, Offset(image, header + 0x18), (int)UInt32(image, header + 0x2C), strings, version);
        }
    }

    private static void MarkEntries(Span<byte> image, int need, int needs, int strings, string version)
    {
        for (; needs > 0; needs--)
        {
            var entry = need + (int)UInt32(image, need + 8);
            for (var entries = UInt16(image, need + 2); entries > 0; entries--)
            {
                if (NameAt(image, strings + (int)UInt32(image, entry + 8)) == version)
                    BinaryPrimitives.WriteUInt16LittleEndian(image[(entry + 4)..], (ushort)(UInt16(image, entry + 4) | WeakFlag));
                entry += (int)UInt32(image, entry + 12);
            }

            need += (int)UInt32(image, need + 12);
        }
    }

    private static string NameAt(ReadOnlySpan<byte> image, int offset)
    {
        var tail = image[offset..];
        return Encoding.ASCII.GetString(tail[..tail.IndexOf((byte)0)]);
    }

    private static ushort UInt16(ReadOnlySpan<byte> image, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(image[offset..]);

    private static uint UInt32(ReadOnlySpan<byte> image, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(image[offset..]);

    private static int Offset(ReadOnlySpan<byte> image, int offset) => checked((int)BinaryPrimitives.ReadUInt64LittleEndian(image[offset..]));
}
