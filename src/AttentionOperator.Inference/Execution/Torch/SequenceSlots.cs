using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>Cache slots of one sequence in the order of its positions.</summary>
internal sealed class SequenceSlots(long[] slots, torch.Device device) : IDisposable
{
    private readonly bool _isRun = IsRun(slots);
    private torch.Tensor? _index;

    public long First => slots[0];

    /// <summary>[length] slots, brought to the device on first use; null where they are one run from <see cref="First"/>.</summary>
    public torch.Tensor? Index => _isRun ? null : _index ??= torch.tensor(slots, device: device).DetachFromDisposeScope();

    public void Dispose() => _index?.Dispose();

    private static bool IsRun(long[] slots)
    {
        if (slots[^1] - slots[0] != slots.Length - 1)
            return false;
        for (var i = 1; i < slots.Length; i++)
            if (slots[i] != slots[i - 1] + 1)
                return false;
        return true;
    }
}
