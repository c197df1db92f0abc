namespace AttentionOperator.Inference.Memory;

/// <summary>What an executor's intermediate results need.</summary>
internal interface IActivationModel
{
    /// <summary>Bytes of a step of <paramref name="tokens"/> that attend to up to <paramref name="context"/>, with as many rows of logits.</summary>
    long Peak(int tokens, int context, int logitRows);
}
