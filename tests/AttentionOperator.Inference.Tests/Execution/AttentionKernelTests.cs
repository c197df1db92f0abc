using AttentionOperator.Inference.Attention;
using AttentionOperator.Inference.Execution.Torch;
using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Inference.Weights;
using AttentionOperator.Inference.Tests.Loading;
using CsCheck;
using TorchSharp;

namespace AttentionOperator.Inference.Tests.Execution;

/// <summary>Every kind of attention against softmax over a full mask, written out.</summary>
public sealed class AttentionKernelTests
{
    private const int Heads = 4, KeyValueHeads = 2, Size = 8;

    private static readonly Gen<AttentionMask> Masks = Gen.OneOf(
        Gen.Const(AttentionMask.Causal),
        Gen.Const(AttentionMask.Full),
        Gen.Int[1, 20].Select(AttentionMask.SlidingCausal),
        Gen.Int[0, 9].Select(AttentionMask.Local),
        Gen.Select(Gen.Int[1, 12], Gen.Int[0, 2], Gen.Int[0, 9], Gen.Bool).Select((size, neighbours, global, causal) =>
            (causal ? AttentionMask.Causal : AttentionMask.Full) with { Sparse = new BlockSparsePattern(size, neighbours, global) }));

    [Fact]
    public void Chunks_hold_every_visible_pair_once_and_stay_within_the_bound() =>
        Gen.Select(Masks, Gen.Int[0, 40], Gen.Int[1, 40], Gen.Int[1, 400]).Sample((mask, context, rows, bound) =>
        {
            var keys = context + rows;
            var chunks = new List<AttentionChunk>();
            AttentionPlanner.Plan(mask, context, keys, keys, bound, chunks);
            var seen = new int[keys, keys];
            var next = context;
            foreach (var chunk in chunks)
            {
                Assert.Equal(next, chunk.QueryStart);
                next = chunk.QueryEnd;
                Assert.True(chunk.Rows == 1 || chunk.Rows * chunk.Keys <= bound);
                for (var query = chunk.QueryStart; query < chunk.QueryEnd; query++)
                {
                    foreach (var key in Positions(chunk))
                    {
                        seen[query, key]++;
                        Assert.True(chunk.Masked || mask.Allows(query, key));
                    }
                }
            }

            Assert.Equal(keys, next);
            for (var query = context; query < keys; query++)
                for (var key = 0; key < keys; key++)
                    Assert.True(seen[query, key] == 1 || (seen[query, key] == 0 && !mask.Allows(query, key)));
        }, iter: 400);

    [Fact]
    public void A_sparse_pattern_costs_what_it_shows()
    {
        var mask = AttentionMask.Full with { Sparse = new BlockSparsePattern(64, 1, 2) };
        var chunks = new List<AttentionChunk>();
        AttentionPlanner.Plan(mask, 0, 8192, 8192, int.MaxValue, chunks);
        var scores = chunks.Sum(c => (long)c.Rows * c.Keys);
        Assert.True(scores <= 8192L * (3 * 64 + 2) + 2 * 8192, $"{scores} scores");
    }

    [Fact]
    public void Results_equal_a_masked_dense_reference()
    {
        TorchRuntime.Initialize(1);
        using var model = TemporaryModel.CopyOf("llama-untied");
        using var store = WeightStore.Open(model.Path);
        using var weights = new TorchWeights(store, torch.ScalarType.Float32, torch.CPU);
        Gen.Select(Masks, Gen.Int[0, 30], Gen.Int[1, 30], Gen.Bool, Gen.Int[0, 1000]).Sample((mask, context, rows, capped, seed) =>
        {
            using var scope = torch.NewDisposeScope();
            var description = Describe(mask, capped ? 2f : null);
            var random = new Random(seed);
            float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() * 4 - 2))];
            var keys = context + rows;
            var (q, k, v) = (Values(rows * Heads * Size), Values(keys * KeyValueHeads * Size), Values(keys * KeyValueHeads * Size));
            var actual = new TorchAttention(weights).Attend(
                description,
                torch.tensor(q, [rows, Heads, Size]), torch.tensor(k, [keys, KeyValueHeads, Size]), torch.tensor(v, [keys, KeyValueHeads, Size]), context, 0).data<float>().ToArray();
            var expected = Reference(description, q, k, v, context, rows, keys);
            for (var i = 0; i < expected.Length; i++)
                Assert.Equal(expected[i], actual[i], 1e-4);
        }, iter: 150, threads: 1);
    }

    private static IEnumerable<int> Positions(AttentionChunk chunk) =>
        Enumerable.Range(chunk.First.Start, chunk.First.Length).Concat(Enumerable.Range(chunk.Second.Start, chunk.Second.Length));

    private static double[] Reference(AttentionDescription attention, float[] q, float[] k, float[] v, int context, int rows, int keys)
    {
        var result = new double[rows * Heads * Size];
        for (var row = 0; row < rows; row++)
        {
            for (var head = 0; head < Heads; head++)
            {
                var group = head / (Heads / KeyValueHeads);
                var weights = new double[keys];
                for (var key = 0; key < keys; key++)
                {
                    double score = 0;
                    for (var d = 0; d < Size; d++)
                        score += (double)q[(row * Heads + head) * Size + d] * k[(key * KeyValueHeads + group) * Size + d];
                    score *= attention.Scale;
                    if (attention.SoftCap is { } cap)
                        score = cap * Math.Tanh(score / cap);
                    weights[key] = attention.Mask.Allows(context + row, key) ? Math.Exp(score) : 0;
                }

                var sum = weights.Sum();
                for (var key = 0; key < keys; key++)
                    for (var d = 0; d < Size; d++)
                        result[(row * Heads + head) * Size + d] += weights[key] / sum * v[(key * KeyValueHeads + group) * Size + d];
            }
        }

        return result;
    }

    private static AttentionDescription Describe(AttentionMask mask, float? cap)
    {
        var unused = new LinearDescription { Weight = new TensorDescription("unused", 1, 1), InputSize = 1, Rows = RowSelection.All(1) };
        return new AttentionDescription
        {
            Heads = Heads,
            KeyValueHeads = KeyValueHeads,
            HeadSize = Size,
            Scale = 0.35f,
            SoftCap = cap,
            Mask = mask,
            Query = unused,
            Key = unused,
            Value = unused,
            Output = unused,
        };
    }
}
