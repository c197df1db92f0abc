using AttentionOperator.Inference.Models.Descriptions;
using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>Operations over sequences laid end to end: no cache, no padding.</summary>
internal sealed class PackedOperations(TorchWeights weights) : TorchOperations(weights)
{
    private readonly List<int> _rows = [];
    private IReadOnlyList<int> _starts = [0];

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

        return Embed(embedding, ids, types, _rows);
    }

    protected override torch.Tensor AttendToSelf(AttentionDescription attention, int layer, torch.Tensor input)
    {
        var (queries, keys, values) = Project(attention, input);
        if (attention.Rotary is { DependsOnLength: false } rotary)
        {
            var (cos, sin) = Angles.OfStep(rotary, Positions);
            (queries, keys) = (TorchMath.Rotate(queries, cos, sin), TorchMath.Rotate(keys, cos, sin));
        }

        var parts = new List<torch.Tensor>(_starts.Count - 1);
        for (var s = 0; s + 1 < _starts.Count; s++)
            parts.Add(Attend(attention, layer, _starts[s], _starts[s + 1] - _starts[s], queries, keys, values));
        return parts.Count == 1 ? parts[0] : torch.cat(parts, 0);
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
