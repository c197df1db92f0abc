using AttentionOperator.Inference.Models.Descriptions;
using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>Operations over sequences laid end to end: no cache, no padding.</summary>
internal sealed class PackedOperations(TorchWeights weights) : TorchOperations(weights)
{
    private readonly List<int> _rows = [];
    private IReadOnlyList<int> _starts = [0];
    private List<PackedGroup> _groups = [];

    /// <summary>Embeds the batch's tokens; each sequence counts its own positions.</summary>
    public torch.Tensor Begin(EmbeddingDescription embedding, List<int> ids, List<int>? types, IReadOnlyList<int> starts)
    {
        _starts = starts;
        Positions.Clear();
        _rows.Clear();
        for (var s = 0; s + 1 < starts.Count; s++)
        {
            var counted = 0;
            for (var t = starts[s]; t < starts[s + 1]; t++)
            {
                Positions.Add(t - starts[s]);
                _rows.Add(ids[t] == embedding.UncountedId ? embedding.PositionOffset - 1 : embedding.PositionOffset + counted++);
            }
        }

        Release();
        if (Weights.Fuse && starts.Count > 2)
            _groups = PackedGroup.Of(starts, Weights.Type, Weights.Device);
        return Embed(embedding, ids, types, _rows);
    }

    public override void Dispose()
    {
        Release();
        base.Dispose();
    }

    protected override torch.Tensor AttendToSelf(AttentionDescription attention, int layer, torch.Tensor input)
    {
        var (queries, keys, values) = ProjectAndRotate(attention, input);

        if (_groups.Count > 0 && Probe is null && FusedAttention.Fits(attention))
            return AttendTogether(attention, queries, keys, values);
        var parts = new List<torch.Tensor>(_starts.Count - 1);
        for (var s = 0; s + 1 < _starts.Count; s++)
            parts.Add(Attend(attention, layer, _starts[s], _starts[s + 1] - _starts[s], queries, keys, values));
        return parts.Count == 1 ? parts[0] : torch.cat(parts, 0);
    }

    private torch.Tensor AttendTogether(AttentionDescription attention, torch.Tensor queries, torch.Tensor keys, torch.Tensor values)
    {
        var result = torch.empty([queries.shape[0], attention.QuerySize], dtype: queries.dtype, device: Weights.Device);
        foreach (var group in _groups)
        {
            using var scope = torch.NewDisposeScope();
            torch.Tensor Padded(torch.Tensor x, int heads) => x.index_select(0, group.Rows).view(group.Count, group.Length, heads, attention.HeadSize).permute(0, 2, 1, 3);
            torch.Tensor PerHead(torch.Tensor x) => attention.Heads == attention.KeyValueHeads
                ? Padded(x, attention.Heads)
                : Padded(x, attention.KeyValueHeads).repeat_interleave(attention.Heads / attention.KeyValueHeads, 1);
            var attended = FusedAttention.Attend(attention, Padded(queries, attention.Heads), PerHead(keys), PerHead(values), group.Bias(attention.Mask));
            var rows = attended.permute(0, 2, 1, 3).reshape((long)group.Count * group.Length, attention.QuerySize);
            result.index_copy_(0, group.Targets, group.IsPadded ? rows.index_select(0, group.Sources) : rows);
            Checkpoint?.Invoke();
        }

        return result;
    }

    private void Release()
    {
        foreach (var group in _groups)
            group.Dispose();
        _groups = [];
    }

    private torch.Tensor Attend(AttentionDescription attention, int layer, int start, int count, torch.Tensor queries, torch.Tensor keys, torch.Tensor values)
    {
        using var scope = torch.NewDisposeScope();
        var (q, k, v) = (queries.narrow(0, start, count), keys.narrow(0, start, count), values.narrow(0, start, count));
        if (attention.Rotary is { DependsOnLength: true } rotary)
        {
            var (cos, sin) = Angles.OfSequence(rotary, 0, count, count);
            (q, k) = (TorchMath.Rotate(q, cos, sin), TorchMath.Rotate(k, cos, sin));
        }

        Probe?.Observe(Attention, attention, layer, start, q, k, 0, 0);
        return Attention.Attend(attention, q, k, v, 0, 0).MoveToOuterDisposeScope();
    }
}
