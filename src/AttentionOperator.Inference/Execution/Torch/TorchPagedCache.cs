using AttentionOperator.Inference.Models.Descriptions;
using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>Keys and values of all layers, [blocks·blockSize, kvHeads, size] each; slot = block · blockSize + offset.</summary>
internal sealed class TorchPagedCache : IDisposable
{
    private readonly torch.Tensor[] _keys, _values;

    public TorchPagedCache(StackDescription stack, int blockSize, int blockCount, torch.ScalarType type, torch.Device device)
    {
        torch.Tensor Make(AttentionDescription a) =>
            torch.zeros([(long)blockSize * blockCount, a.KeyValueHeads, a.HeadSize], dtype: type, device: device).DetachFromDisposeScope();
        (BlockSize, BlockCount) = (blockSize, blockCount);
        _keys = [.. stack.Layers.Select(l => Make(l.Attention))];
        _values = [.. stack.Layers.Select(l => Make(l.Attention))];
    }

    public int BlockSize { get; }

    public int BlockCount { get; }

    public void Write(int layer, torch.Tensor slots, torch.Tensor keys, torch.Tensor values)
    {
        _keys[layer].index_copy_(0, slots, keys);
        _values[layer].index_copy_(0, slots, values);
    }

    public (torch.Tensor Keys, torch.Tensor Values) Read(int layer, torch.Tensor slots) =>
        (_keys[layer].index_select(0, slots), _values[layer].index_select(0, slots));

    /// <summary>A run of slots, without a copy.</summary>
    public (torch.Tensor Keys, torch.Tensor Values) Read(int layer, long firstSlot, int count) =>
        (_keys[layer].narrow(0, firstSlot, count), _values[layer].narrow(0, firstSlot, count));

    public void Dispose()
    {
        foreach (var tensor in _keys.Concat(_values))
            tensor.Dispose();
    }
}
