using System.Diagnostics;
using System.Globalization;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Inference;
using AttentionOperator.InferenceBench.Peers;

namespace AttentionOperator.InferenceBench.Encoders;

/// <summary>Embeddings per second of the two encoder shapes, float32, with all peers in turns; the best turn counts.</summary>
internal sealed class EncoderSection(BenchRun run)
{
    private const int Turns = 4, Batch = 32, MaxLength = 128;

    public void Run()
    {
        var arithmetic = MachineBounds.Arithmetic(run.Threads);
        foreach (var shape in new[] { EncoderShape.MiniLm, EncoderShape.BertBase })
        {
            var directory = Path.Combine(run.Scratch, shape.Name);
            shape.Write(directory);
            using var model = ModelLoader.Load(directory, new LoadOptions { Precision = Precision.Float32 });
            Measure(shape, model, arithmetic);
        }
    }

    private void Measure(EncoderShape shape, LoadedModel model, double arithmetic)
    {
        using var ours = new ExecutorEncoder(model);
        using var loop = new LibtorchEncoderLoop(shape, model, run.Threads);
        using var onnx = OnnxRuntimePeer.Create(run.Root, shape, model, run.Threads);
        IEncodingPeer[] peers = onnx is null ? [ours, loop] : [ours, loop, onnx];
        if (onnx is null)
            run.Notes.Add($"ONNX Runtime is not installed (bench/peers/install-onnxruntime.sh): no vs_onnxruntime of {shape.Name}.");
        foreach (var (name, sequences) in new[] { ("32", Equal(32)), ("128", Equal(MaxLength)), ("mixed", Mixed()) })
        {
            Agree(peers, sequences);
            var rates = Rates(peers, sequences);
            var metric = $"embed_{name}_{shape.Name}";
            run.Add($"{metric}_per_second", rates[0], "1/s");
            var operations = 2.0 * shape.MatrixParameters * sequences.Average(s => s.Length) * rates[0];
            run.Compare($"{metric}_arithmetic_share", operations, "float32 operations/s of all threads", arithmetic);
            run.Compare($"{metric}_vs_libtorch", rates[0], "eager loop over libtorch, Float32, padded", rates[1]);
            if (onnx is not null)
                run.Compare($"{metric}_vs_onnxruntime", rates[0], "ONNX Runtime, float32, fused operators, padded", rates[2]);
        }

        if (shape == EncoderShape.MiniLm)
            foreach (var peer in new[] { "vs_libtorch", "vs_onnxruntime" })
                if (run.Metrics.TryGetValue($"embed_mixed_{shape.Name}_{peer}", out var mixed))
                    run.Add($"embed_mixed_{peer}", mixed);
    }

    private double[] Rates(IEncodingPeer[] peers, int[][] sequences)
    {
        var best = new double[peers.Length];
        for (var turn = 0; turn < Turns; turn++)
        {
            for (var p = 0; p < peers.Length; p++)
            {
                var (start, count) = (Stopwatch.GetTimestamp(), 0);
                do
                {
                    peers[p].Encode(sequences);
                    count += sequences.Length;
                }
                while (Stopwatch.GetElapsedTime(start).TotalSeconds < run.Seconds / 2 / Turns);
                best[p] = Math.Max(best[p], count / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        return best;
    }

    /// <summary>Peers that compute something else would prove nothing.</summary>
    private static void Agree(IEncodingPeer[] peers, int[][] sequences)
    {
        var ours = peers[0].Encode(sequences);
        foreach (var peer in peers[1..])
        {
            var theirs = peer.Encode(sequences);
            var most = ours.Zip(theirs, (a, b) => Math.Abs(a - b)).Max();
            if (!(most < 1e-3))
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{peer.GetType().Name} differs by {most} from our embeddings"));
        }
    }

    private static int[][] Equal(int length) => [.. Enumerable.Range(0, Batch).Select(i => Ids(i, length))];

    /// <summary>Lengths of sentences and passages: many short ones, few long ones.</summary>
    private static int[][] Mixed()
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, Batch).Select(i => Ids(i, i == 0 ? MaxLength : 8 + (int)((MaxLength - 8) * Math.Pow(random.NextDouble(), 1.5))))];
    }

    private static int[] Ids(int seed, int length) => [.. Enumerable.Range(0, length).Select(i => (i * 7919 + seed * 104_729 + 17) % EncoderShape.Vocabulary)];
}
