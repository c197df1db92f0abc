using AttentionOperator.Inference.Models.Descriptions;
using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>Operations of a decoder step over the paged cache.</summary>
internal class PagedOperations(TorchWeights weights, TorchPagedCache cache) : TorchOperations(weights)
{
    private readonly List<SequenceSlots> _slots = [];
    private List<DecodeGroup> _groups = [];
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

            _slots.Add(new SequenceSlots(slots, Weights.Device));
        }

        _written = torch.tensor(written, device: Weights.Device).DetachFromDisposeScope();
        if (Weights.Fuse)
            _groups = DecodeGroup.Of(batch, cache.BlockSize, Weights.Type, Weights.Device);
    }

    public void End()
    {
        foreach (var slots in _slots)
            slots.Dispose();
        _slots.Clear();
        foreach (var group in _groups)
            group.Dispose();
        _groups = [];
        _written?.Dispose();
        _written = null;
    }

    protected override torch.Tensor AttendToSelf(AttentionDescription attention, int layer, torch.Tensor input)
    {
        var (queries, keys, values) = ProjectAndRotate(attention, input);

        cache.Write(layer, _written!, keys, values);
        // The probe looks at one sequence at a time.
        if (_groups.Count > 0 && Probe is null && FusedAttention.Fits(attention))
            return AttendTogether(attention, layer, queries);
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

    /// <summary>Sequences with one token group by group, the others each for itself.</summary>
    private torch.Tensor AttendTogether(AttentionDescription attention, int layer, torch.Tensor queries)
    {
        var result = torch.empty([queries.shape[0], attention.QuerySize], dtype: queries.dtype, device: Weights.Device);
        foreach (var group in _groups)
        {
            using var scope = torch.NewDisposeScope();
            long[] gathered = [group.Count, group.Length, attention.KeyValueHeads, attention.HeadSize];
            var (keys, values) = cache.Read(layer, group.Slots);
            var own = queries.index_select(0, group.Rows).view(group.Count, attention.KeyValueHeads, attention.Heads / attention.KeyValueHeads, attention.HeadSize);
            var attended = FusedAttention.Attend(attention, own, keys.view(gathered).permute(0, 2, 1, 3), values.view(gathered).permute(0, 2, 1, 3), group.Bias(attention.Mask.Before));
            result.index_copy_(0, group.Rows, attended.reshape(group.Count, attention.QuerySize));
            Checkpoint?.Invoke();
        }

        for (var i = 0; i < Batch.Sequences.Count; i++)
        {
            var sequence = Batch.Sequences[i];
            if (sequence.TokenCount == 1)
                continue;
            using var scope = torch.NewDisposeScope();
            var attended = Attend(attention, layer, i, sequence, queries.narrow(0, sequence.TokenStart, sequence.TokenCount));
            result.narrow(0, sequence.TokenStart, sequence.TokenCount).copy_(attended);
        }

        return result;
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
}
