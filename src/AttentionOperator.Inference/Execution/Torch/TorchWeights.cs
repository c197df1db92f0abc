using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Inference.Quantization;
using AttentionOperator.Inference.Weights;
using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>
/// Tensors of a description, made on first use. Weights that are stored in the arithmetic's type are used straight from the
/// memory-mapped file; others are converted once.
/// </summary>
internal sealed class TorchWeights(WeightStore store, torch.ScalarType type, torch.Device device, int? bits = null) : IDisposable
{
    private readonly Dictionary<string, torch.Tensor> _stored = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Name, torch.ScalarType Type), torch.Tensor> _converted = [];
    private readonly Dictionary<string, TorchLinear> _linears = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TorchLinear?> _joined = new(StringComparer.Ordinal);
    private readonly Dictionary<string, torch.Tensor> _norms = new(StringComparer.Ordinal);
    private readonly List<torch.Tensor> _owned = [];

    /// <summary>Type of the arithmetic.</summary>
    public torch.ScalarType Type { get; } = type;

    public torch.Device Device { get; } = device;

    public HostBuffer Host { get; } = new(device);

    /// <summary>Attention by libtorch's fused kernels, several sequences together: always on a GPU, on the CPU for tests.</summary>
    public bool Fuse { get; init; } = device.type == DeviceType.CUDA;

    /// <summary>The tensor in the type that it is stored in.</summary>
    public torch.Tensor Stored(TensorDescription description)
    {
        if (_stored.TryGetValue(description.Name, out var tensor))
            return tensor;
        var stored = store.Get(description);
        tensor = TorchInterop.FromMemory(stored.Address, [.. stored.Shape.Select(s => (long)s)], stored.Type).DetachFromDisposeScope();
        if (!stored.IsAligned || Device.type != DeviceType.CPU)
        {
            using var mapped = tensor;
            tensor = (Device.type == DeviceType.CPU ? mapped.clone() : mapped.to(Device)).DetachFromDisposeScope();
        }

        return _stored[description.Name] = tensor;
    }

    /// <summary>The tensor in the arithmetic's type.</summary>
    public torch.Tensor Get(TensorDescription description) => Get(description, Type);

    public torch.Tensor Get(TensorDescription description, torch.ScalarType type)
    {
        var stored = Stored(description);
        if (stored.dtype == type)
            return stored;
        if (!_converted.TryGetValue((description.Name, type), out var tensor))
            _converted[(description.Name, type)] = tensor = stored.to_type(type).DetachFromDisposeScope();
        return tensor;
    }

    public TorchLinear Linear(LinearDescription linear)
    {
        if (!_linears.TryGetValue(linear.Weight.Name, out var result))
            _linears[linear.Weight.Name] = result = Make(linear);
        return result;
    }

    /// <summary>
    /// Matrices with the same input, one below the other, so that one product computes them all; instead of them, not beside them.
    /// Null where their layout or the precision does not allow it.
    /// </summary>
    public TorchLinear? Joined(params ReadOnlySpan<LinearDescription> linears)
    {
        var key = linears[0].Weight.Name;
        if (_joined.TryGetValue(key, out var known))
            return known;
        var allowed = bits is null;
        foreach (var linear in linears)
            allowed &= linear is { InputMajor: false } && linear.Rows.Count == linear.StoredRows && (linear.Bias is null) == (linears[0].Bias is null) && !_linears.ContainsKey(linear.Weight.Name);
        return _joined[key] = allowed ? Join(linears) : null;
    }

    private DenseTorchLinear Join(ReadOnlySpan<LinearDescription> linears)
    {
        using var scope = torch.NewDisposeScope();
        var (weights, biases) = (new List<torch.Tensor>(), new List<torch.Tensor>());
        foreach (var linear in linears)
        {
            var stored = store.Get(linear.Weight);
            weights.Add(TorchInterop.FromMemory(stored.Address, [.. stored.Shape.Select(s => (long)s)], stored.Type).to(Type, Device));
            if (linear.Bias is not null)
                biases.Add(Get(linear.Bias).view(-1));
        }

        var weight = torch.cat(weights, 0).DetachFromDisposeScope();
        _owned.Add(weight);
        return new DenseTorchLinear(weight, biases.Count == 0 ? null : torch.cat(biases, 0), inputMajor: false);
    }

    /// <summary>An RMS norm's weight in the arithmetic's type, its offset added.</summary>
    public torch.Tensor NormWeight(NormDescription norm)
    {
        if (norm.WeightOffset == 0)
            return Get(norm.Weight);
        if (!_norms.TryGetValue(norm.Weight.Name, out var weight))
            _norms[norm.Weight.Name] = weight = (Get(norm.Weight, torch.ScalarType.Float32) + norm.WeightOffset).to_type(Type).DetachFromDisposeScope();
        return weight;
    }

    private TorchLinear Make(LinearDescription linear)
    {
        var bias = linear.Bias is null ? null : Get(linear.Bias);
        return bits is { } b
            ? new QuantizedTorchLinear(WeightQuantizer.Quantize(store.Get(linear.Weight), linear, b), bias, Device)
            : new DenseTorchLinear(Get(linear.Weight), bias, linear.InputMajor);
    }

    public void Dispose()
    {
        foreach (var linear in _linears.Values.Concat(_joined.Values))
            linear?.Dispose();
        foreach (var tensor in _converted.Values.Concat(_stored.Values).Concat(_norms.Values).Concat(_owned))
            tensor.Dispose();
        Host.Dispose();
        _linears.Clear();
        _joined.Clear();
        _norms.Clear();
        _owned.Clear();
        _converted.Clear();
        _stored.Clear();
    }
}
