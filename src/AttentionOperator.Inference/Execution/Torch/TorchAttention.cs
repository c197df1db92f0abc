using AttentionOperator.Inference.Attention;
using AttentionOperator.Inference.Models.Descriptions;
using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>Softmax attention of one sequence's queries over its keys, in chunks of rows whose scores are bounded.</summary>
internal sealed class TorchAttention(TorchWeights weights)
{
    /// <summary>Scores per chunk, over all heads: 32 MiB in float32.</summary>
    internal const int MaxScores = 8 << 20;

    private readonly List<AttentionChunk> _chunks = [];

    /// <summary>Called while the scores are alive; for measuring memory.</summary>
    public Action? Checkpoint { get; set; }

    /// <summary>
    /// Queries [n, heads, size] at positions from <paramref name="queryStart"/>, keys and values [m, kvHeads, size] at positions from
    /// <paramref name="keyStart"/> → [n, heads·size].
    /// </summary>
    public torch.Tensor Attend(AttentionDescription attention, torch.Tensor queries, torch.Tensor keys, torch.Tensor values, int queryStart, int keyStart)
    {
        var (rows, keyEnd) = ((int)queries.shape[0], keyStart + (int)keys.shape[0]);
        if (weights.Fuse && rows == keys.shape[0] && queryStart == keyStart && attention.Mask.Sees(rows) is { } causal && FusedAttention.Fits(attention))
            return Fused(attention, queries, keys, values, null, causal);
        AttentionPlanner.Plan(attention.Mask, queryStart, queryStart + rows, keyEnd, MaxScores / attention.Heads, _chunks);
        if (_chunks.Count == 1)
            return Attend(attention, _chunks[0], queries, keys, values, keyStart);
        var parts = new List<torch.Tensor>(_chunks.Count);
        foreach (var chunk in _chunks.ToArray())
        {
            using var scope = torch.NewDisposeScope();
            var part = Attend(attention, chunk, queries.narrow(0, chunk.QueryStart - queryStart, chunk.Rows), keys, values, keyStart);
            parts.Add(part.MoveToOuterDisposeScope());
        }

        return torch.cat(parts, 0);
    }

    /// <summary>Scores [heads, rows, keys] in float32 as softmax sees them (scaled, capped, biased, masked with −∞).</summary>
    public torch.Tensor Scores(AttentionDescription attention, in AttentionChunk chunk, torch.Tensor queries, torch.Tensor keys)
    {
        var scores = Products(attention, queries, keys);
        if (attention.RelativeBias is { } bias)
            scores = scores.add_(Bias(bias, chunk));
        return chunk.Masked
            ? scores.masked_fill_(Hidden(attention.Mask, torch.arange(chunk.QueryStart, chunk.QueryEnd, torch.int64, weights.Device), Positions(chunk)), float.NegativeInfinity)
            : scores;
    }

    /// <summary>The same for queries at any positions, against all keys from <paramref name="keyStart"/> on.</summary>
    public torch.Tensor Scores(AttentionDescription attention, long[] positions, torch.Tensor queries, torch.Tensor keys, int keyStart)
    {
        var count = (int)keys.shape[0];
        var scores = Products(attention, queries, keys);
        if (attention.RelativeBias is { } bias)
        {
            var buckets = positions.SelectMany(q => Enumerable.Range(keyStart, count).Select(k => (long)bias.BucketOf((int)(k - q)))).ToArray();
            var values = weights.Get(bias.Table, torch.ScalarType.Float32).index_select(0, torch.tensor(buckets, device: weights.Device));
            scores = scores.add_(values.t().view(attention.Heads, positions.Length, count));
        }

        var hidden = Hidden(attention.Mask, torch.tensor(positions, device: weights.Device), torch.arange(keyStart, keyStart + count, torch.int64, weights.Device));
        return scores.masked_fill_(hidden, float.NegativeInfinity);
    }

    /// <summary>The keys of the chunk's ranges.</summary>
    public static torch.Tensor Pick(torch.Tensor keys, in AttentionChunk chunk, int keyStart)
    {
        var first = chunk.First.Length == keys.shape[0] ? keys : keys.narrow(0, chunk.First.Start - keyStart, chunk.First.Length);
        return chunk.Second.Length == 0 ? first : torch.cat([first, keys.narrow(0, chunk.Second.Start - keyStart, chunk.Second.Length)], 0);
    }

    private torch.Tensor Attend(AttentionDescription attention, in AttentionChunk chunk, torch.Tensor queries, torch.Tensor keys, torch.Tensor values, int keyStart)
    {
        var (rows, size) = (queries.shape[0], (long)attention.HeadSize);
        var (kv, group) = ((long)attention.KeyValueHeads, (long)(attention.Heads / attention.KeyValueHeads));
        values = Pick(values, chunk, keyStart);
        if (weights.Fuse && FusedAttention.Fits(attention))
            return Fused(attention, queries, Pick(keys, chunk, keyStart), values, chunk.Masked ? Hidden(attention.Mask, torch.arange(chunk.QueryStart, chunk.QueryEnd, torch.int64, weights.Device), Positions(chunk)) : null, causal: false);
        var weight = Scores(attention, chunk, queries, Pick(keys, chunk, keyStart)).softmax(-1).to_type(values.dtype);
        var mixed = torch.bmm(weight.view(kv, group * rows, values.shape[0]), values.permute(1, 0, 2));
        var attended = mixed.view(kv, group, rows, size).permute(2, 0, 1, 3).reshape(rows, attention.QuerySize);
        Checkpoint?.Invoke();
        return attended;
    }

    private torch.Tensor Fused(AttentionDescription attention, torch.Tensor queries, torch.Tensor keys, torch.Tensor values, torch.Tensor? hidden, bool causal)
    {
        var own = queries.permute(1, 0, 2).unsqueeze(0);
        var attended = FusedAttention.Attend(attention, own, FusedAttention.PerHead(attention, keys), FusedAttention.PerHead(attention, values), hidden is null ? null : FusedAttention.Bias(hidden, queries.dtype), causal);
        var result = attended.squeeze(0).permute(1, 0, 2).reshape(queries.shape[0], attention.QuerySize);
        Checkpoint?.Invoke();
        return result;
    }

    /// <summary>Scaled and capped.</summary>
    private static torch.Tensor Products(AttentionDescription attention, torch.Tensor queries, torch.Tensor keys)
    {
        var (rows, count) = (queries.shape[0], keys.shape[0]);
        var (kv, group, size) = ((long)attention.KeyValueHeads, (long)(attention.Heads / attention.KeyValueHeads), (long)attention.HeadSize);
        var grouped = queries.view(rows, kv, group, size).permute(1, 2, 0, 3).reshape(kv, group * rows, size);
        var scores = torch.bmm(grouped, keys.permute(1, 2, 0)).to_type(torch.ScalarType.Float32).mul_(attention.Scale).view(attention.Heads, rows, count);
        return attention.SoftCap is { } cap ? TorchMath.SoftCap(scores, cap) : scores;
    }

    /// <summary>[rows, keys], true where the query does not see the key.</summary>
    private static torch.Tensor Hidden(AttentionMask mask, torch.Tensor queryPositions, torch.Tensor keyPositions)
    {
        var (query, key) = (queryPositions.unsqueeze(1), keyPositions.unsqueeze(0));
        var distance = query - key;
        var hidden = distance.gt((long)mask.Before).logical_or_(distance.lt(-(long)mask.After));
        if (mask.Sparse is { } sparse)
        {
            var apart = (query.div(sparse.BlockSize, torch.RoundingMode.floor) - key.div(sparse.BlockSize, torch.RoundingMode.floor)).abs().gt((long)sparse.NeighbourBlocks);
            hidden = hidden.logical_or_(apart.logical_and_(query.ge((long)sparse.GlobalTokens)).logical_and_(key.ge((long)sparse.GlobalTokens)));
        }

        return hidden;
    }

    private torch.Tensor Positions(in AttentionChunk chunk)
    {
        var first = torch.arange(chunk.First.Start, chunk.First.End, torch.int64, weights.Device);
        return chunk.Second.Length == 0 ? first : torch.cat([first, torch.arange(chunk.Second.Start, chunk.Second.End, torch.int64, weights.Device)], 0);
    }

    /// <summary>[heads, rows, keys]: the bias depends on the distance alone, so rows are windows into one vector per head.</summary>
    private torch.Tensor Bias(RelativeBiasDescription bias, in AttentionChunk chunk)
    {
        var first = Bias(bias, chunk, chunk.First);
        return chunk.Second.Length == 0 ? first : torch.cat([first, Bias(bias, chunk, chunk.Second)], 2);
    }

    private torch.Tensor Bias(RelativeBiasDescription bias, in AttentionChunk chunk, KeyRange range)
    {
        var (rows, keys) = (chunk.Rows, range.Length);
        var buckets = new long[rows + keys - 1];
        for (var i = 0; i < buckets.Length; i++)
            buckets[i] = bias.BucketOf(range.Start - (chunk.QueryEnd - 1) + i);
        var table = weights.Get(bias.Table, torch.ScalarType.Float32);
        var byDistance = table.index_select(0, torch.tensor(buckets, device: weights.Device)).t();
        return byDistance.unfold(1, keys, 1).flip(1);
    }
}
