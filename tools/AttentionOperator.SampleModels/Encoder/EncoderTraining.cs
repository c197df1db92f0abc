using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace AttentionOperator.SampleModels.Encoder;

/// <summary>
/// Contrastive training without labels: two spans of the same passage are a pair, the other passages of the batch are the
/// negatives (inverse cloze task, Lee, Chang, Toutanova 2019; InfoNCE, van den Oord, Li, Vinyals 2018).
/// </summary>
internal sealed class EncoderTraining(EncoderNetwork network, IReadOnlyList<int[]> passages, IReadOnlyList<int[]> heldOut, int seed)
{
    public const int ClassificationId = 2;
    public const int SeparatorId = 3;
    private const int BatchSize = 48;
    private const int SpanLength = 48;
    private const double PeakRate = 1e-3;
    private const double Scale = 20;

    public void Run(int steps)
    {
        var random = new Random(seed);
        using var optimizer = optim.AdamW(network.Parameters.All, PeakRate, weight_decay: 0.01);
        var clock = Stopwatch.StartNew();
        for (var step = 1; step <= steps; step++)
        {
            using var scope = NewDisposeScope();
            optimizer.ParamGroups.First().LearningRate = PeakRate * Math.Min(step / 100.0, 1.0 - (0.95 * step / steps));
            var (left, right) = Pairs(passages, random);
            var scores = left.matmul(right.t()) * Scale;
            var targets = arange(BatchSize, ScalarType.Int64);
            var loss = (F.cross_entropy(scores, targets) + F.cross_entropy(scores.t(), targets)) / 2;
            optimizer.zero_grad();
            loss.backward();
            nn.utils.clip_grad_norm_(network.Parameters.All, 1.0);
            optimizer.step();
            if (step % 50 == 0) Console.WriteLine($"step {step}/{steps}  training loss {loss.item<float>():F3}  {clock.Elapsed.TotalSeconds:F0} s");
        }
    }

    /// <summary>On held-out passages: share of spans whose partner is the nearest of <see cref="BatchSize"/>, and the mean cosine of partners and of strangers.</summary>
    public (double TopOne, double Related, double Unrelated) Evaluate()
    {
        using var _ = no_grad();
        var random = new Random(seed + 1);
        double top = 0, related = 0, unrelated = 0;
        const int rounds = 20;
        for (var round = 0; round < rounds; round++)
        {
            using var scope = NewDisposeScope();
            var (left, right) = Pairs(heldOut, random);
            var cosine = left.matmul(right.t());
            top += cosine.argmax(1).eq(arange(BatchSize, ScalarType.Int64)).to(ScalarType.Float32).mean().item<float>();
            var own = cosine.diagonal().mean().item<float>();
            related += own;
            unrelated += (cosine.sum().item<float>() - (own * BatchSize)) / (BatchSize * (BatchSize - 1));
        }

        return (top / rounds, related / rounds, unrelated / rounds);
    }

    private (Tensor Left, Tensor Right) Pairs(IReadOnlyList<int[]> source, Random random)
    {
        var left = new List<int[]>(BatchSize);
        var right = new List<int[]>(BatchSize);
        foreach (var index in Enumerable.Range(0, source.Count).OrderBy(_ => random.Next()).Take(BatchSize).ToList())
        {
            var passage = source[index];
            var middle = random.Next(passage.Length / 3, (passage.Length * 2 / 3) + 1);
            left.Add(passage[..Math.Min(middle, SpanLength)]);
            right.Add(passage[middle..Math.Min(passage.Length, middle + SpanLength)]);
        }

        return (Embed(left), Embed(right));
    }

    private Tensor Embed(List<int[]> spans)
    {
        var length = spans.Max(s => s.Length) + 2;
        var ids = new long[spans.Count * length];
        var mask = new float[spans.Count * length];
        for (var s = 0; s < spans.Count; s++)
        {
            var row = s * length;
            ids[row] = ClassificationId;
            for (var t = 0; t < spans[s].Length; t++) ids[row + 1 + t] = spans[s][t];
            ids[row + 1 + spans[s].Length] = SeparatorId;
            Array.Fill(mask, 1f, row, spans[s].Length + 2);
        }

        return network.Embed(tensor(ids).view(spans.Count, length), tensor(mask).view(spans.Count, length));
    }
}
