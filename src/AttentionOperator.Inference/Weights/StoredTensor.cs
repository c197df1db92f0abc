using System.Runtime.InteropServices;

namespace AttentionOperator.Inference.Weights;

/// <summary>A tensor in a memory-mapped file. Valid as long as its <see cref="WeightStore"/>; the memory is read-only: writing to it ends the process.</summary>
public sealed unsafe class StoredTensor
{
    private readonly byte* _data;

    internal StoredTensor(string name, string file, ElementType type, int[] shape, byte* data, long byteLength)
    {
        (Name, File, Type, Shape, ByteLength) = (name, file, type, shape, byteLength);
        _data = data;
    }

    public string Name { get; }

    public string File { get; }

    public ElementType Type { get; }

    public IReadOnlyList<int> Shape { get; }

    public long ByteLength { get; }

    public long ElementCount => ByteLength / Type.Size();

    /// <summary>First element, row-major, little-endian.</summary>
    public nint Address => (nint)_data;

    /// <summary>Files of old writers may place tensors at odd offsets.</summary>
    public bool IsAligned => Address % Type.Size() == 0;

    /// <summary>All elements of a float32 tensor.</summary>
    public ReadOnlySpan<float> AsSingles() => Elements<float>(ElementType.Float32);

    public ReadOnlySpan<Half> AsHalves() => Elements<Half>(ElementType.Float16);

    /// <summary>Upper halves of float32 values.</summary>
    public ReadOnlySpan<ushort> AsBFloat16Bits() => Elements<ushort>(ElementType.BFloat16);

    /// <summary>A float32 copy of any type.</summary>
    public float[] ToSingles()
    {
        var result = new float[ElementCount];
        Read(0, result);
        return result;
    }

    /// <summary>Elements from <paramref name="start"/> on, widened to float32.</summary>
    public void Read(long start, Span<float> values)
    {
        if (start < 0 || start + values.Length > ElementCount)
            throw new ArgumentOutOfRangeException(nameof(start), start, $"{Name} has {ElementCount} elements, {values.Length} are wanted");
        var bytes = new ReadOnlySpan<byte>(_data + start * Type.Size(), values.Length * Type.Size());
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Type switch
            {
                ElementType.Float32 => MemoryMarshal.Read<float>(bytes[(4 * i)..]),
                ElementType.Float16 => (float)MemoryMarshal.Read<Half>(bytes[(2 * i)..]),
                _ => BitConverter.UInt32BitsToSingle((uint)MemoryMarshal.Read<ushort>(bytes[(2 * i)..]) << 16),
            };
        }
    }

    private ReadOnlySpan<T> Elements<T>(ElementType type)
        where T : unmanaged =>
        Type == type ? new ReadOnlySpan<T>(_data, checked((int)ElementCount)) : throw new InvalidOperationException($"{Name} is {Type}, not {type}");
}
