using AttentionOperator.Inference.Attention;
using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Inference.Probes;
using TorchSharp;

namespace AttentionOperator.Inference.Execution.Torch;

/// <summary>Entropy from the log-sum-exp of the scores: H = lse − Σ p·s, in chunks of rows.</summary>
internal sealed class TorchEntropyProbe(AttentionEntropy entropy) : IAttentionProbe
{
    /// <summary>Scores per chunk over all heads: 16 MiB in float32.</summary>
    private const int MaxScores = 4 << 20;

    private readonly List<AttentionChunk> _chunks = [];

    public void Observe(TorchAttention kernel, AttentionDescription attention, int layer, int firstToken, torch.Tensor queries, torch.Tensor keys, int queryStart, int keyStart)
    {
        if (entropy.WantsAll)
        {
            All(kernel, attention, layer, queries, keys, queryStart, keyStart);
            return;
        }

        var rows = Enumerable.Range(0, (int)queries.shape[0]).Where(row => entropy.Wants(firstToken + row)).ToArray();
        var step = (int)Math.Max(1, MaxScores / (attention.Heads * keys.shape[0]));
        foreach (var some in rows.Chunk(step))
        {
            using var scope = torch.NewDisposeScope();
            var chosen = queries.index_select(0, torch.tensor(some.Select(r => (long)r).ToArray(), device: queries.device));
            var scores = kernel.Scores(attention, some.Select(r => (long)queryStart + r).ToArray(), chosen, keys, keyStart);
            Add(layer, scores, attention.Heads, some.Length);
        }
    }

    private void All(TorchAttention kernel, AttentionDescription attention, int layer, torch.Tensor queries, torch.Tensor keys, int queryStart, int keyStart)
    {
        AttentionPlanner.Plan(attention.Mask, queryStart, queryStart + (int)queries.shape[0], keyStart + (int)keys.shape[0], MaxScores / attention.Heads, _chunks);
        foreach (var chunk in _chunks)
        {
            using var scope = torch.NewDisposeScope();
            var scores = kernel.Scores(attention, chunk, queries.narrow(0, chunk.QueryStart - queryStart, chunk.Rows), TorchAttention.Pick(keys, chunk, keyStart));
            Add(layer, scores, attention.Heads, chunk.Rows);
        }
    }

    private void Add(int layer, torch.Tensor scores, int heads, int rows)
    {
        var visible = scores.select(0, 0).isfinite().sum(-1).to_type(torch.ScalarType.Int32).cpu().data<int>().ToArray();
        var lse = scores.logsumexp(-1, keepdim: true);
        var weights = (scores - lse).exp_();
        var expected = weights.mul_(scores.nan_to_num(neginf: 0)).sum(-1);
        var values = lse.squeeze(-1).sub(expected).t().contiguous().cpu().data<float>().ToArray();
        for (var row = 0; row < rows; row++)
            entropy.Add(layer, values.AsSpan(row * heads, heads), visible[row]);
    }
}
