using AttentionOperator.Inference.Models.Descriptions;
using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>Operations of a decoder step over the paged cache.</summary>
internal class PagedOperations(TorchWeights weights, TorchPagedCache cache) : TorchOperations(weights)
{
    private readonly List<SequenceSlots> _slots = [];
    private torch.Tensor? _written;

    protected StepBatch Batch { get; private set; } = new();

    /// <summary>Positions and cache slots of the step's tokens.</summary>
    public void Begin(StepBatch batch)
    {
        End();
        Batch = batch;
        Positions.Clear();
        var written = new long[batch.TokenIds.Count];
        foreach (var sequence in batch.Sequences)
        {
            var length = sequence.ContextLength + sequence.TokenCount;
            var slots = new long[length];
            for (var i = 0; i < length; i++)
                slots[i] = (long)sequence.BlockTable[i / cache.BlockSize] * cache.BlockSize + i % cache.BlockSize;
            for (var i = 0; i < sequence.TokenCount; i++)
            {
                written[sequence.TokenStart + i] = slots[sequence.ContextLength + i];
                Positions.Add(sequence.ContextLength + i);
            }

            var contiguous = slots[^1] - slots[0] == length - 1 && IsRun(slots);
            _slots.Add(new SequenceSlots(slots[0], contiguous ? null : torch.tensor(slots, device: Weights.Device).DetachFromDisposeScope()));
        }

        _written = torch.tensor(written, device: Weights.Device).DetachFromDisposeScope();
    }

    public void End()
    {
        foreach (var slots in _slots)
            slots.Index?.Dispose();
        _slots.Clear();
        _written?.Dispose();
        _written = null;
    }

    protected override torch.Tensor AttendToSelf(AttentionDescription attention, int layer, torch.Tensor input)
    {
        var (queries, keys, values) = Project(attention, input);
        if (attention.Rotary is { DependsOnLength: false } rotary)
        {
            var (cos, sin) = Angles.OfStep(rotary, Positions);
            (queries, keys) = (TorchMath.Rotate(queries, cos, sin), TorchMath.Rotate(keys, cos, sin));
        }

        cache.Write(layer, _written!, keys, values);
        var parts = new List<torch.Tensor>(Batch.Sequences.Count);
        for (var i = 0; i < Batch.Sequences.Count; i++)
        {
            var sequence = Batch.Sequences[i];
            var own = Batch.Sequences.Count == 1 ? queries : queries.narrow(0, sequence.TokenStart, sequence.TokenCount);
            parts.Add(Attend(attention, layer, i, sequence, own));
        }

        return parts.Count == 1 ? parts[0] : torch.cat(parts, 0);
    }

    public override void Dispose()
    {
        End();
        base.Dispose();
    }

    private torch.Tensor Attend(AttentionDescription attention, int layer, int index, StepSequence sequence, torch.Tensor queries)
    {
        using var scope = torch.NewDisposeScope();
        var length = sequence.ContextLength + sequence.TokenCount;
        // Global tokens stay visible however far back they are.
        var start = attention.Mask.Sparse is null ? (int)Math.Max(0L, (long)sequence.ContextLength - attention.Mask.Before) : 0;
        var slots = _slots[index];
        var (keys, values) = slots.Index is null
            ? cache.Read(layer, slots.First + start, length - start)
            : cache.Read(layer, start == 0 ? slots.Index : slots.Index.narrow(0, start, length - start));
        if (attention.Rotary is { DependsOnLength: true } rotary)
        {
            var (cos, sin) = Angles.OfSequence(rotary, start, length - start, length);
            keys = TorchMath.Rotate(keys, cos, sin);
            queries = TorchMath.Rotate(queries, cos.narrow(0, sequence.ContextLength - start, sequence.TokenCount), sin.narrow(0, sequence.ContextLength - start, sequence.TokenCount));
        }

        Probe?.Observe(Attention, attention, layer, sequence.TokenStart, queries, keys, sequence.ContextLength, start);
        return Attention.Attend(attention, queries, keys, values, sequence.ContextLength, start).MoveToOuterDisposeScope();
    }

    private static bool IsRun(long[] slots)
    {
        for (var i = 1; i < slots.Length; i++)
            if (slots[i] != slots[i - 1] + 1)
                return false;
        return true;
    }

    /// <param name="Index">Slots of the sequence; null where they are one run from <paramref name="First"/>.</param>
    private readonly record struct SequenceSlots(long First, torch.Tensor? Index);
}
