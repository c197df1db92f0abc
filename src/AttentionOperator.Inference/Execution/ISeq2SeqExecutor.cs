namespace AttentionOperator.Inference.Execution;

/// <summary>An encoder-decoder: the encoder runs once per request into a cross-attention slot; the decoder steps like any decoder.</summary>
public interface ISeq2SeqExecutor : IDecoderExecutor
{
    int DecoderStartTokenId { get; }

    /// <summary>Most encoder inputs that may be held at a time.</summary>
    int CrossSlotCount { get; }

    int MaxEncoderPositions { get; }

    /// <summary>Encodes the input and keeps its cross-attention keys and values in the slot (0…CrossSlotCount−1), until <see cref="Release"/>.</summary>
    void Encode(int slot, ReadOnlySpan<int> inputIds);

    void Release(int slot);
}
