using AttentionOperator.Inference.Execution.Torch;
using TorchSharp;

namespace AttentionOperator.Inference.Tests;

public sealed class TorchRuntimeTests
{
    [Fact]
    public void Libtorch_loads_and_computes()
    {
        TorchRuntime.Initialize(threads: 1);
        using var scope = torch.NewDisposeScope();
        Assert.Equal(1, torch.get_num_threads());
        Assert.Equal(11f, torch.tensor(new float[] { 1, 2 }).dot(torch.tensor(new float[] { 3, 4 })).item<float>());
    }
}
