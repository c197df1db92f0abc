using AttentionOperator.Inference.Execution;

namespace AttentionOperator.Inference.Tests.Fakes;

/// <summary>A real executor of which every ninth step throws, before or after it has written its keys and values.</summary>
internal class FlakyExecutor(IDecoderExecutor inner) : IDecoderExecutor
{
    private const int Every = 9;
    private int calls;

    public DecoderShape Shape => inner.Shape;

    public int Thrown { get; private set; }

    public void Execute(StepBatch batch, Span<float> logits)
    {
        var fails = ++calls % Every == 0;
        if (!fails || Thrown % 2 == 0) inner.Execute(batch, logits);
        if (!fails) return;
        Thrown++;
        throw new InvalidOperationException("injected");
    }

    public void Dispose() => GC.SuppressFinalize(this);
}

/// <summary>The same for an encoder-decoder.</summary>
internal sealed class FlakySeq2SeqExecutor(ISeq2SeqExecutor inner) : FlakyExecutor(inner), ISeq2SeqExecutor
{
    public int DecoderStartTokenId => inner.DecoderStartTokenId;

    public int CrossSlotCount => inner.CrossSlotCount;

    public int MaxEncoderPositions => inner.MaxEncoderPositions;

    public void Encode(int slot, ReadOnlySpan<int> inputIds) => inner.Encode(slot, inputIds);

    public void Release(int slot) => inner.Release(slot);
}
