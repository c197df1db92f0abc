using AttentionOperator.Inference.Models.Descriptions;
using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

internal static class TorchOutput
{
    public static void Logits(OutputDescription output, TorchOperations operations, torch.Tensor hidden, Span<float> logits)
    {
        if (output.InputScale != 1)
            hidden = hidden * output.InputScale;
        var result = operations.Linear(output.Projection, hidden).to_type(torch.ScalarType.Float32);
        if (output.SoftCap is { } cap)
            result = TorchMath.SoftCap(result, cap);
        operations.Checkpoint?.Invoke();
        operations.Weights.Host.Read(result, logits);
    }

    public static void CopyTo(torch.Tensor tensor, Span<float> target)
    {
        using var host = tensor.to_type(torch.ScalarType.Float32).cpu().contiguous();
        TorchInterop.Elements(host).CopyTo(target);
    }
}
