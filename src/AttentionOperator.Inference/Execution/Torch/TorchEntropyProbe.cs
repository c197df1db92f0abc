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
        var (rows, keyEnd) = ((int)queries.shape[0], keyStart + (int)keys.shape[0]);
        for (var row = 0; row < rows;)
        {
            if (!entropy.Wants(firstToken + row))
            {
                row++;
                continue;
            }

            var run = 1;
            while (row + run < rows && entropy.Wants(firstToken + row + run))
                run++;
            AttentionPlanner.Plan(attention.Mask, queryStart + row, queryStart + row + run, keyEnd, MaxScores / attention.Heads, _chunks);
            foreach (var chunk in _chunks)
            {
                using var scope = torch.NewDisposeScope();
                var scores = kernel.Scores(attention, chunk, queries.narrow(0, chunk.QueryStart - queryStart, chunk.Rows), TorchAttention.Pick(keys, chunk, keyStart));
                Add(layer, scores, attention.Heads, chunk.Rows);
            }

            row += run;
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
