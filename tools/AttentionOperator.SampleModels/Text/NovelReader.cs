using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace AttentionOperator.SampleModels.Text;

/// <summary>
/// Reads the novels of Debian's package <c>r-cran-janeaustenr</c> (Jane Austen, public domain): an R lazy-load database,
/// <c>Rdata.rdb</c>, in which each object is a length (big-endian, uncompressed), a zlib stream, and in it one character
/// vector in R's XDR serialization, version 3 ("R Internals", section 1.8).
/// </summary>
internal static class NovelReader
{
    private const int StringVector = 16;
    private const int MissingString = -1;

    public static IReadOnlyList<string> Read(string path)
    {
        var file = File.ReadAllBytes(path);
        var novels = new List<string>();
        var position = 0;
        while (position < file.Length)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(position));
            using var compressed = new MemoryStream(file, position + 4, file.Length - position - 4);
            using var zlib = new ZLibStream(compressed, CompressionMode.Decompress);
            var data = new byte[length];
            zlib.ReadExactly(data);
            novels.Add(Paragraphs(Lines(data)));
            position += 4 + CompressedLength(file.AsSpan(position + 4), length);
        }

        return novels;
    }

    /// <summary>The database has no lengths of the compressed streams (the index has); the next stream starts where a zlib header follows a plausible length.</summary>
    private static int CompressedLength(ReadOnlySpan<byte> rest, int length)
    {
        for (var i = Math.Min(length / 8, rest.Length); i < rest.Length - 6; i++)
        {
            if (rest[i + 4] == 0x78 && rest[i + 5] == 0x9C && BinaryPrimitives.ReadInt32BigEndian(rest[i..]) is > 100_000 and < 10_000_000)
                return i;
        }

        return rest.Length;
    }

    private static List<string> Lines(ReadOnlySpan<byte> data)
    {
        // "X\n", format version, writer's and least reader's R version, native encoding (length and name).
        if (data[0] != 'X' || data[1] != '\n' || BinaryPrimitives.ReadInt32BigEndian(data[2..]) != 3)
            throw new InvalidDataException("Rdata.rdb: expected R serialization version 3 in XDR format.");
        var position = 14;
        position += 4 + BinaryPrimitives.ReadInt32BigEndian(data[position..]);
        var type = BinaryPrimitives.ReadInt32BigEndian(data[position..]) & 0xFF;
        if (type != StringVector)
            throw new InvalidDataException($"Rdata.rdb: expected a character vector (type {StringVector}), found type {type}.");
        var count = BinaryPrimitives.ReadInt32BigEndian(data[(position + 4)..]);
        position += 8;
        var lines = new List<string>(count);
        for (var i = 0; i < count; i++)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(data[(position + 4)..]);
            position += 8;
            if (length == MissingString) continue;
            lines.Add(Encoding.UTF8.GetString(data.Slice(position, length)));
            position += length;
        }

        return lines;
    }

    /// <summary>Joins the hard-wrapped lines: one line per paragraph, a blank line between paragraphs.</summary>
    private static string Paragraphs(List<string> lines)
    {
        var text = new StringBuilder();
        var open = false;
        foreach (var raw in lines)
        {
            var line = raw.Trim();
            if (line.Length == 0)
            {
                if (open) text.Append("\n\n");
                open = false;
                continue;
            }

            if (open) text.Append(' ');
            text.Append(line);
            open = true;
        }

        return text.ToString().Trim();
    }
}
