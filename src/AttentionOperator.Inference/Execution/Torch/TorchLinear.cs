using TorchSharp;
using AttentionOperator.Inference.Models.Descriptions;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>A stored matrix (all rows of it, also where several projections share it) with its bias, ready to multiply.</summary>
internal abstract class TorchLinear : IDisposable
{
    /// <summary>[tokens, input] → [tokens, stored rows].</summary>
    public abstract torch.Tensor Apply(torch.Tensor input);

    /// <summary>The columns of <see cref="Apply"/>'s result that are the description's own rows.</summary>
    public static torch.Tensor Select(LinearDescription linear, torch.Tensor stored)
    {
        var rows = linear.Rows;
        if (rows.Count == linear.StoredRows)
            return stored;
        if (rows.Groups == 1)
            return stored.narrow(1, rows.Start, rows.RowsPerGroup);
        return stored.view(stored.shape[0], rows.Groups, rows.GroupStride).narrow(2, rows.Start, rows.RowsPerGroup).reshape(stored.shape[0], rows.Count);
    }

    public abstract void Dispose();
}

/// <summary>A matrix in a floating-point type.</summary>
internal sealed class DenseTorchLinear(torch.Tensor weight, torch.Tensor? bias, bool inputMajor) : TorchLinear
{
    // A transposed view costs nothing: the product reads the stored layout.
    private readonly torch.Tensor _weight = inputMajor ? weight.t().DetachFromDisposeScope() : weight;
    private readonly torch.Tensor? _bias = bias?.view(-1).DetachFromDisposeScope();

    public override torch.Tensor Apply(torch.Tensor input) => torch.nn.functional.linear(input, _weight, _bias!);

    public override void Dispose()
    {
        _bias?.Dispose();
        if (inputMajor)
            _weight.Dispose();
    }
}
