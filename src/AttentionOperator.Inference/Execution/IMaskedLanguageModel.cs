namespace AttentionOperator.Inference.Execution;

/// <summary>An encoder with a masked-language-model head.</summary>
public interface IMaskedLanguageModel
{
    int VocabularySize { get; }

    /// <summary>Logits [rows, VocabularySize] of the chosen tokens of the batch, row-major.</summary>
    void Execute(PackedBatch batch, IReadOnlyList<int> rows, Span<float> logits);
}
