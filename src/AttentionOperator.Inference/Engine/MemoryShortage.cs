namespace AttentionOperator.Inference.Engine;

/// <summary>The device had too little memory for a request that had been accepted.</summary>
/// <param name="RequestTokens">Tokens of the request's context.</param>
/// <param name="StepTokens">Tokens of the step that was refused first; it was computed again in parts.</param>
/// <param name="StepSequences">Its sequences.</param>
public sealed record MemoryShortage(int RequestTokens, int StepTokens, int StepSequences)
{
    public override string ToString() =>
        $"The device ran out of memory on a request of {RequestTokens} tokens, in a step of {StepTokens} tokens of {StepSequences} sequences.";
}
