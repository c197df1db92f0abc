using AttentionOperator.Inference.Models.Descriptions;
using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>Operations of an encoder-decoder's decoder: the paged cache, and per slot the encoder output's keys and values.</summary>
internal sealed class CrossOperations(TorchWeights weights, TorchPagedCache cache, int slots) : PagedOperations(weights, cache)
{
    private readonly (torch.Tensor Keys, torch.Tensor Values)[]?[] _slots = new (torch.Tensor, torch.Tensor)[slots][];

    public IAttentionProbe? CrossProbe { get; set; }

    /// <summary>Keeps the keys and values that every layer makes of the encoder's output [n, hidden].</summary>
    public void Fill(int slot, StackDescription decoder, torch.Tensor encoded)
    {
        Release(slot);
        _slots[slot] = [.. decoder.Layers.Select(layer =>
        {
            using var scope = torch.NewDisposeScope();
            var cross = layer.CrossAttention!;
            return (
                Heads(Linear(cross.Key, encoded), cross.KeyValueHeads, cross.HeadSize).DetachFromDisposeScope(),
                Heads(Linear(cross.Value, encoded), cross.KeyValueHeads, cross.HeadSize).DetachFromDisposeScope());
        })];
    }

    public bool IsFilled(int slot) => _slots[slot] is not null;

    public void Release(int slot)
    {
        foreach (var (keys, values) in _slots[slot] ?? [])
        {
            keys.Dispose();
            values.Dispose();
        }

        _slots[slot] = null;
    }

    protected override torch.Tensor AttendToEncoder(AttentionDescription attention, int layer, torch.Tensor input)
    {
        var queries = Heads(Linear(attention.Query, input), attention.Heads, attention.HeadSize);
        var parts = new List<torch.Tensor>(Batch.Sequences.Count);
        foreach (var sequence in Batch.Sequences)
        {
            using var scope = torch.NewDisposeScope();
            var (keys, values) = _slots[sequence.CrossSlot]![layer];
            var own = queries.narrow(0, sequence.TokenStart, sequence.TokenCount);
            CrossProbe?.Observe(Attention, attention, layer, sequence.TokenStart, own, keys, 0, 0);
            parts.Add(Attention.Attend(attention, own, keys, values, 0, 0).MoveToOuterDisposeScope());
        }

        return parts.Count == 1 ? parts[0] : torch.cat(parts, 0);
    }

    public override void Dispose()
    {
        for (var slot = 0; slot < _slots.Length; slot++)
            Release(slot);
        base.Dispose();
    }
}
