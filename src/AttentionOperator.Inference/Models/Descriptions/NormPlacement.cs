namespace AttentionOperator.Inference.Models.Descriptions;

/// <summary>Where a sublayer f normalises: x ← Residual(x + Output(f(Input(x)))). Pre-norm models have Input, post-norm ones Residual, Gemma Input and Output.</summary>
public sealed record NormPlacement(NormDescription? Input = null, NormDescription? Output = null, NormDescription? Residual = null)
{
    public IEnumerable<NormDescription> All => new[] { Input, Output, Residual }.OfType<NormDescription>();
}
