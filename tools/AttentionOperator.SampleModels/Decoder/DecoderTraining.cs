using System.Diagnostics;
using AttentionOperator.SampleModels.Output;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionOperator.SampleModels.Decoder;

/// <summary>One training run; checkpoints are written on the way, so that the earlier one is an honestly less trained sibling of the later one.</summary>
internal sealed class DecoderTraining(DecoderNetwork network, int[] training, int[] heldOut, int seed)
{
    private const int BatchSize = 12;
    private const int Context = 192;
    private const double PeakRate = 3e-3;
    private const int Warmup = 40;

    /// <summary>Trains for <paramref name="steps"/> steps; calls <paramref name="checkpoint"/> after each of <paramref name="at"/> with the held-out loss.</summary>
    public void Run(int steps, IReadOnlyCollection<int> at, Action<int, double> checkpoint)
    {
        var random = new Random(seed);
        using var optimizer = optim.AdamW(network.Parameters.All, PeakRate, 0.9, 0.95, weight_decay: 0.1);
        var clock = Stopwatch.StartNew();
        for (var step = 1; step <= steps; step++)
        {
            using var scope = NewDisposeScope();
            optimizer.ParamGroups.First().LearningRate = Rate(step, steps);
            var loss = network.Loss(Sample(random));
            optimizer.zero_grad();
            loss.backward();
            nn.utils.clip_grad_norm_(network.Parameters.All, 1.0);
            optimizer.step();
            if (step % 50 == 0) Console.WriteLine($"step {step}/{steps}  training loss {loss.item<float>():F3}  {clock.Elapsed.TotalSeconds:F0} s");
            if (at.Contains(step)) checkpoint(step, HeldOutLoss());
        }
    }

    /// <summary>Mean nats per token over the whole held-out text, in windows of the training context.</summary>
    public double HeldOutLoss()
    {
        using var _ = no_grad();
        double sum = 0;
        var windows = (heldOut.Length - 1) / Context;
        for (var w = 0; w < windows; w++)
        {
            using var scope = NewDisposeScope();
            var ids = tensor(heldOut.AsSpan(w * Context, Context + 1).ToArray().Select(i => (long)i).ToArray()).view(1, Context + 1);
            sum += network.Loss(ids).item<float>();
        }

        return sum / windows;
    }

    private Tensor Sample(Random random)
    {
        var ids = new long[BatchSize * (Context + 1)];
        for (var b = 0; b < BatchSize; b++)
        {
            var start = random.Next(training.Length - Context - 1);
            for (var t = 0; t <= Context; t++) ids[(b * (Context + 1)) + t] = training[start + t];
        }

        return tensor(ids).view(BatchSize, Context + 1);
    }

    /// <summary>Linear warm-up, then half a cosine down to a twentieth.</summary>
    private static double Rate(int step, int steps) => step < Warmup
        ? PeakRate * step / Warmup
        : PeakRate * (0.05 + (0.95 * 0.5 * (1 + Math.Cos(Math.PI * (step - Warmup) / (steps - Warmup)))));
}
