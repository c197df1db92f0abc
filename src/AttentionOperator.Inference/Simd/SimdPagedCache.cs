using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Inference.Simd.Kernels;
using AttentionOperator.Inference.Weights;

namespace AttentionOperator.Inference.Simd;

/// <summary>Keys and values of all layers, [blocks, kvHeads, blockSize, size] each: what a head reads of a block is one run.</summary>
internal sealed unsafe class SimdPagedCache : IDisposable
{
    private readonly NativeBuffer[] _keys, _values;

    public SimdPagedCache(StackDescription stack, int blockSize, int blockCount, ElementType type)
    {
        NativeBuffer Make(AttentionDescription attention)
        {
            var buffer = new NativeBuffer();
            buffer.Reserve((long)blockSize * blockCount * attention.KeyValueSize * type.Size());
            // A weight of zero times memory as it was found may be NaN.
            buffer.Clear();
            return buffer;
        }

        (BlockSize, Type) = (blockSize, type);
        _keys = [.. stack.Layers.Select(l => Make(l.Attention))];
        _values = [.. stack.Layers.Select(l => Make(l.Attention))];
    }

    public int BlockSize { get; }

    public ElementType Type { get; }

    public byte* Keys(AttentionDescription attention, int layer, int block, int head, int offset) => At(_keys[layer], attention, block, head, offset);

    public byte* Values(AttentionDescription attention, int layer, int block, int head, int offset) => At(_values[layer], attention, block, head, offset);

    /// <summary>Writes one token's keys and values, [kvHeads · size] each.</summary>
    public void Write(AttentionDescription attention, int layer, int block, int offset, float* keys, float* values)
    {
        var size = attention.HeadSize;
        for (var head = 0; head < attention.KeyValueHeads; head++)
        {
            Store(keys + head * size, Keys(attention, layer, block, head, offset), size);
            Store(values + head * size, Values(attention, layer, block, head, offset), size);
        }
    }

    public void Dispose()
    {
        foreach (var buffer in _keys.Concat(_values))
            buffer.Dispose();
    }

    private byte* At(NativeBuffer buffer, AttentionDescription attention, int block, int head, int offset) =>
        buffer.Bytes + (((nint)block * attention.KeyValueHeads + head) * BlockSize + offset) * attention.HeadSize * Type.Size();

    private void Store(float* source, byte* target, int size)
    {
        if (Type == ElementType.Float32)
        {
            new Span<float>(source, size).CopyTo(new Span<float>(target, size));
            return;
        }

        for (var i = 0; i < size; i++)
            ((ushort*)target)[i] = BFloat16Format.Round(source[i]);
    }
}
