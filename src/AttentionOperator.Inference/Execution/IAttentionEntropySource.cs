using AttentionOperator.Inference.Probes;

namespace AttentionOperator.Inference.Execution;

/// <summary>An executor that can report the entropy of self-attention while it runs a step. The logits are the same as without.</summary>
public interface IAttentionEntropySource
{
    /// <summary>Costs one pass over the visible keys per row that <paramref name="entropy"/> asks for; no rows × rows matrix is kept.</summary>
    void Execute(StepBatch batch, Span<float> logits, AttentionEntropy entropy);
}
