using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>
/// Brings results from the device. On a GPU through page-locked memory that is kept, since the driver copies pageable memory in small
/// pieces over a buffer of its own; on the CPU there is nothing to bring.
/// </summary>
internal sealed class HostBuffer(torch.Device device) : IDisposable
{
    private torch.Tensor? _pinned;

    /// <summary>Copies a float32 tensor's elements to the front of <paramref name="target"/>.</summary>
    public void Read(torch.Tensor tensor, Span<float> target)
    {
        var count = tensor.numel();
        if (device.type != DeviceType.CUDA || count == 0)
        {
            TorchOutput.CopyTo(tensor, target);
            return;
        }

        if (_pinned is null || _pinned.numel() < count)
        {
            _pinned?.Dispose();
            using var pageable = torch.empty([count], dtype: torch.ScalarType.Float32);
            _pinned = pageable.pin_memory().DetachFromDisposeScope();
        }

        using var part = _pinned.narrow(0, 0, count);
        using var flat = tensor.reshape(count);
        part.copy_(flat);
        TorchInterop.Elements(part).CopyTo(target);
    }

    public void Dispose() => _pinned?.Dispose();
}
