using System.Buffers.Binary;
using System.Text.Json;
using AttentionOperator.Inference.Configuration;

namespace AttentionOperator.Inference.Weights;

/// <summary>One entry of a safetensors header.</summary>
/// <param name="Begin">First byte in the file.</param>
/// <param name="End">Byte after the last.</param>
internal sealed record SafetensorsEntry(string Name, ElementType? Type, string TypeName, int[] Shape, long Begin, long End);

/// <summary>
/// Reads the header of a safetensors file (8 bytes of length, JSON, data) and believes nothing of it: sizes, ranges, overlaps,
/// types and duplicates are checked before any tensor exists.
/// </summary>
internal static class SafetensorsHeader
{
    /// <summary>The format's own limit.</summary>
    public const long MaxHeaderBytes = 100_000_000;

    private const int MaxRank = 8;

    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    public static IReadOnlyList<SafetensorsEntry> Read(string file, ReadOnlySpan<byte> start, long fileLength, Func<int, ReadOnlyMemory<byte>> readHeader)
    {
        if (fileLength < 8 || start.Length < 8)
            throw new ModelFormatException(file, null, $"{fileLength} bytes are no safetensors file");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(start);
        if (length > MaxHeaderBytes || (long)length > fileLength - 8)
            throw new ModelFormatException(file, null, $"a header of {length} bytes does not fit a file of {fileLength} (limit {MaxHeaderBytes})");
        try
        {
            using var document = JsonStrings.Parse(readHeader((int)length), Options);
            return Parse(file, document.RootElement, dataStart: 8 + (long)length, fileLength);
        }
        catch (JsonException error)
        {
            throw new ModelFormatException(file, null, $"the header is not valid JSON: {error.Message}", error);
        }
    }

    private static List<SafetensorsEntry> Parse(string file, JsonElement root, long dataStart, long fileLength)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new ModelFormatException(file, null, "the header is not an object");
        var entries = new List<SafetensorsEntry>();
        foreach (var property in root.EnumerateObject())
            if (property.Name != "__metadata__")
                entries.Add(Entry(file, property.Name, property.Value, dataStart, fileLength));

        var end = dataStart;
        foreach (var entry in entries.OrderBy(e => e.Begin).ThenBy(e => e.End))
        {
            if (entry.Begin < end)
                throw new ModelFormatException(file, entry.Name, "its data overlaps another tensor's");
            end = entry.End;
        }

        return entries;
    }

    private static SafetensorsEntry Entry(string file, string name, JsonElement value, long dataStart, long fileLength)
    {
        ModelFormatException Bad(string problem) => new(file, name, problem);
        if (value.ValueKind != JsonValueKind.Object
            || !value.TryGetProperty("dtype", out var type) || type.ValueKind != JsonValueKind.String
            || !value.TryGetProperty("shape", out var shape) || shape.ValueKind != JsonValueKind.Array
            || !value.TryGetProperty("data_offsets", out var offsets) || offsets.ValueKind != JsonValueKind.Array)
            throw Bad("the header entry is not an object with dtype, shape and data_offsets");

        if (shape.GetArrayLength() > MaxRank)
            throw Bad($"rank {shape.GetArrayLength()} is above {MaxRank}");
        var sizes = shape.EnumerateArray()
            .Select(s => s.ValueKind == JsonValueKind.Number && s.TryGetInt32(out var size) && size >= 0 ? size : throw Bad($"size {s.GetRawText()} in its shape is not a count"))
            .ToArray();
        var range = offsets.EnumerateArray()
            .Select(o => o.ValueKind == JsonValueKind.Number && o.TryGetInt64(out var offset) && offset >= 0 ? offset : throw Bad($"offset {o.GetRawText()} is not a count"))
            .ToArray();
        if (range.Length != 2 || range[0] > range[1] || range[1] > fileLength - dataStart)
            throw Bad($"data_offsets [{string.Join(", ", range)}] leave the {fileLength - dataStart} bytes of data");

        var typeName = type.GetString()!;
        ElementType? element = typeName switch
        {
            "F32" => ElementType.Float32,
            "F16" => ElementType.Float16,
            "BF16" => ElementType.BFloat16,
            _ => null,
        };
        if (element is { } known && !HoldsExactly(sizes, known.Size(), range[1] - range[0]))
            throw Bad($"{range[1] - range[0]} bytes do not hold shape [{string.Join(", ", sizes)}] of {typeName}");
        return new SafetensorsEntry(name, element, typeName, sizes, dataStart + range[0], dataStart + range[1]);
    }

    private static bool HoldsExactly(int[] sizes, int elementSize, long bytes)
    {
        var product = (UInt128)elementSize;
        if (sizes.Contains(0))
            return bytes == 0;
        foreach (var size in sizes)
        {
            product *= (UInt128)size;
            if (product > long.MaxValue)
                return false;
        }

        return product == (UInt128)bytes;
    }
}
