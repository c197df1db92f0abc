using AttentionOperator.Inference.Engine;
using AttentionOperator.Tokenization;

namespace AttentionOperator.Inference.Constrained;

/// <summary>Makes constraints from JSON schemas.</summary>
internal sealed class ConstraintFactory(ITokenizer tokenizer, int vocabularySize)
{
    public ITokenConstraint? For(string? schema) => schema is null ? null
        : throw new RequestRefusedException(RefusalReason.Unsupported, $"No schemas yet for {tokenizer.Fingerprint} {vocabularySize}.");
}
