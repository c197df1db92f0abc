using TorchSharp;
using TorchSharp.Modules;

namespace AttentionOperator.SampleModels.Output;

/// <summary>Trainable tensors by their published name.</summary>
internal sealed class ParameterSet(int seed) : IDisposable
{
    private readonly torch.Generator _generator = new((ulong)seed);
    private readonly SortedDictionary<string, Parameter> _parameters = new(StringComparer.Ordinal);

    public torch.Tensor this[string name] => _parameters[name];

    public void Dispose()
    {
        foreach (var parameter in _parameters.Values) parameter.Dispose();
        _generator.Dispose();
    }

    public IEnumerable<Parameter> All => _parameters.Values;

    public long Count => _parameters.Values.Sum(p => p.numel());

    /// <summary>Gaussian with the given standard deviation.</summary>
    public void Normal(string name, double deviation, params long[] shape)
    {
        using var _ = torch.no_grad();
        _parameters[name] = new Parameter((torch.randn(shape, generator: _generator) * deviation).MoveToOuterDisposeScope());
    }

    public void Ones(string name, params long[] shape) => _parameters[name] = new Parameter(torch.ones(shape));

    public void Zeros(string name, params long[] shape) => _parameters[name] = new Parameter(torch.zeros(shape));

    public IReadOnlyDictionary<string, torch.Tensor> Tensors => _parameters.ToDictionary(p => p.Key, p => (torch.Tensor)p.Value);

    /// <summary>Adds noise to every matrix, as a share of its own standard deviation: what a damaged checkpoint looks like.</summary>
    public void Damage(double share)
    {
        using var _ = torch.no_grad();
        foreach (var parameter in _parameters.Values.Where(p => p.dim() == 2))
        {
            using var noise = torch.randn(parameter.shape, generator: _generator) * parameter.std() * share;
            parameter.add_(noise);
        }
    }
}
