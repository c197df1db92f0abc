using System.Text.Json;
using AttentionOperator.Inference;
using AttentionOperator.Inference.Configuration;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Execution.Torch;
using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.Inference.Probes;
using TorchSharp;

namespace AttentionOperator.Fidelity;

/// <summary>The README's demands on encoders.</summary>
internal sealed class EncoderChecks(FixtureReport report, LoadedModel model, TorchEncoderExecutor executor)
{
    public static void Run(FixtureReport report, LoadedModel model, JsonElement golden)
    {
        using var executor = (TorchEncoderExecutor)model.CreateEncoderExecutor();
        var checks = new EncoderChecks(report, model, executor);
        foreach (var forward in golden.Items("forward"))
            checks.Forward(forward, $"forward {forward.Text("name")}");
        foreach (var (pair, index) in golden.Items("pairs").Select((p, i) => (p, i)))
            checks.Vectors(pair, Packed.Of((pair.Ints("input_ids"), pair.Ints("token_type_ids"))), $"pair {index}");
        foreach (var masked in golden.Items("masked_lm"))
            checks.Masked(masked);
        if (golden.Find("batch_right_padded") is { } batch)
            checks.Batch(batch);
        if (golden.Find("attention_entropy") is { } entropy)
            checks.Entropy(entropy);
        if (golden.Find("hidden_trace") is { } trace)
            checks.Trace(trace);
    }

    private void Forward(JsonElement forward, string where)
    {
        var batch = Packed.Of((forward.Ints("input_ids"), []));
        Vectors(forward, batch, where);
        var (hidden, size) = (Hidden(batch), model.Description.HiddenSize);
        var dims = forward.Ints("sample_dims");
        var samples = forward.GetProperty("hidden_sample").EnumerateArray().Select(s => s.Floats()).ToArray();
        var lengths = forward.Floats("hidden_l2");
        report.Same("tokens", hidden.Length / size, samples.Length, where);
        for (var t = 0; t < samples.Length; t++)
        {
            var row = hidden.AsSpan(t * size, size);
            report.Close("hidden", [.. dims.Select(d => hidden[t * size + d])], samples[t], Tolerance.Value, $"{where}[{t}]");
            double square = 0;
            foreach (var value in row)
                square += (double)value * value;
            report.Close("hidden l2", Math.Sqrt(square), lengths[t], Tolerance.Value, $"{where}[{t}]");
        }
    }

    /// <summary>Whatever of cls, mean_pool, mean_pool_normalized, pooler_output and logits the element states for one sequence.</summary>
    private void Vectors(JsonElement expected, PackedBatch batch, string where)
    {
        if (expected.Find("cls") is { } cls)
            report.Close("cls", Pooled(batch, PoolingKind.Cls, normalize: false)[0], cls.Floats(), Tolerance.Value, where);
        if (expected.Find("mean_pool") is { } mean)
            report.Close("mean_pool", Pooled(batch, PoolingKind.Mean, normalize: false)[0], mean.Floats(), Tolerance.Value, where);
        if (expected.Find("mean_pool_normalized") is { } normalized)
            report.Close("normalized", Pooled(batch, PoolingKind.Mean, normalize: true)[0], normalized.Floats(), Tolerance.Unit, where);
        if (expected.Find("pooler_output") is { } pooler)
            report.Close("pooler", Head(batch, model.Description.Pooler!), pooler.Floats(), Tolerance.Value, where);
        if (expected.Find("logits") is { } logits)
            report.Close("logits", Logits(batch), logits.Floats(), Tolerance.Value, where);
    }

    private void Masked(JsonElement masked)
    {
        var batch = Packed.Of((masked.Ints("input_ids"), []));
        var logits = new float[model.Description.VocabularySize];
        executor.Execute(batch, [masked.GetProperty("mask_position").GetInt32()], logits);
        report.Close("mlm logits", logits, masked.Floats("logits"), Tolerance.Value, "masked_lm");
        var top = Enumerable.Range(0, logits.Length).OrderByDescending(i => logits[i]).Take(5).ToArray();
        var expected = masked.GetProperty("top5").EnumerateArray().Select(e => e.ValueKind == JsonValueKind.Number ? e.GetInt32() : e.GetProperty("id").GetInt32()).ToArray();
        report.SameList("mlm top5", top, expected, "masked_lm");
    }

    private void Batch(JsonElement expected)
    {
        var rows = expected.GetProperty("input_ids").EnumerateArray().Select(r => r.Ints()).ToArray();
        var masks = expected.GetProperty("attention_mask").EnumerateArray().Select(r => r.Ints()).ToArray();
        var batch = Packed.Of([.. rows.Select((row, i) => (row.Where((_, t) => masks[i][t] == 1).ToArray(), Array.Empty<int>()))]);
        var normalized = Pooled(batch, PoolingKind.Mean, normalize: true);
        Rows("cls", Pooled(batch, PoolingKind.Cls, normalize: false), Tolerance.Value);
        Rows("mean_pool", Pooled(batch, PoolingKind.Mean, normalize: false), Tolerance.Value);
        Rows("mean_pool_normalized", normalized, Tolerance.Unit);
        Rows("cosine_matrix", [.. normalized.Select(a => normalized.Select(b => (float)a.Zip(b).Sum(p => (double)p.First * p.Second)).ToArray())], Tolerance.Unit);
        if (expected.Find("logits") is not null)
            Rows("logits", [.. Logits(batch).Chunk(executor.LabelCount)], Tolerance.Value);

        void Rows(string name, float[][] actual, double tolerance)
        {
            foreach (var (row, i) in expected.GetProperty(name).EnumerateArray().Select((r, i) => (r, i)))
                report.Close(name switch { "mean_pool_normalized" => "normalized", "cosine_matrix" => "cosine", _ => name }, actual[i], row.Floats(), tolerance, $"batch_right_padded[{i}]");
        }
    }

    private void Entropy(JsonElement expected)
    {
        var entropy = new AttentionEntropy();
        executor.Operations.Probe = new TorchEntropyProbe(entropy);
        Hidden(Packed.Of((expected.Ints("input_ids"), [])));
        executor.Operations.Probe = null;
        EntropyChecks.Compare(report, entropy, expected.GetProperty("values"), "attention_entropy");
    }

    private void Trace(JsonElement expected)
    {
        var trace = new HiddenTrace();
        trace.Attach(executor.Operations);
        Hidden(Packed.Of((expected.Ints("input_ids"), [])));
        executor.Operations.Observer = null;
        trace.Compare(report, expected.GetProperty("values"), "hidden_trace");
    }

    private float[][] Pooled(PackedBatch batch, PoolingKind kind, bool normalize)
    {
        using var other = model.CreateEncoderExecutor(new EmbeddingPooling(kind, normalize));
        var output = new float[(batch.Starts.Count - 1) * model.Description.HiddenSize];
        other.Execute(batch, EncoderOutput.Embedding, output);
        return [.. output.Chunk(model.Description.HiddenSize)];
    }

    private float[] Logits(PackedBatch batch)
    {
        var output = new float[(batch.Starts.Count - 1) * executor.LabelCount];
        executor.Execute(batch, EncoderOutput.Logits, output);
        return output;
    }

    private float[] Head(PackedBatch batch, HeadDescription head)
    {
        using var mode = torch.inference_mode();
        using var scope = torch.NewDisposeScope();
        return executor.Head(head, executor.Hidden(batch), batch.Starts).cpu().contiguous().data<float>().ToArray();
    }

    private float[] Hidden(PackedBatch batch)
    {
        using var mode = torch.inference_mode();
        using var scope = torch.NewDisposeScope();
        return executor.Hidden(batch).cpu().contiguous().data<float>().ToArray();
    }
}
