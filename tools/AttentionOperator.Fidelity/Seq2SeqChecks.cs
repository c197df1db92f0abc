using System.Text.Json;
using AttentionOperator.Inference;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Execution.Torch;
using AttentionOperator.Inference.Probes;
using TorchSharp;

namespace AttentionOperator.Fidelity;

/// <summary>The README's demands on encoder-decoders.</summary>
internal sealed class Seq2SeqChecks(FixtureReport report, LoadedModel model, TorchSeq2SeqExecutor executor, DecoderDriver driver)
{
    private const int BlockSize = 16, Slots = 8;

    private DecoderDriver Driver { get; } = driver;

    public static void Run(FixtureReport report, LoadedModel model, JsonElement golden)
    {
        using var executor = (TorchSeq2SeqExecutor)model.CreateSeq2SeqExecutor(BlockSize, 256, Slots);
        var checks = new Seq2SeqChecks(report, model, executor, new DecoderDriver(executor));
        if (golden.Find("decoder_start_token_id") is { } start)
            report.Same("decoder start", executor.DecoderStartTokenId, start.GetInt32(), "golden.json");
        foreach (var forward in golden.Items("forward"))
            checks.Forward(forward, $"forward {forward.Text("name")}");
        foreach (var greedy in golden.Items("greedy"))
        {
            executor.Encode(0, greedy.Ints("input_ids"));
            var (ids, logits) = checks.Driver.Greedy([executor.DecoderStartTokenId], greedy.Ints("new_ids").Length, crossSlot: 0);
            LogitChecks.Greedy(report, greedy, ids, logits, $"greedy {greedy.Text("name")}");
        }

        if (golden.Find("batch_right_padded") is { } batch)
            checks.Batch(batch);
        if (golden.Find("attention_entropy") is { } entropy)
            checks.Entropy(entropy);
        if (golden.Find("hidden_trace") is { } trace)
            checks.Trace(trace);
    }

    private void Forward(JsonElement forward, string where)
    {
        var hidden = Encoded(forward.Ints("input_ids"));
        var size = model.Description.HiddenSize;
        var samples = forward.GetProperty("encoder_sample").EnumerateArray().Select(s => s.Floats()).ToArray();
        var dims = forward.Ints("encoder_sample_dims");
        report.Same("tokens", hidden.Length / size, samples.Length, where);
        report.Close("encoder", hidden.AsSpan(hidden.Length - size), forward.Floats("encoder_last"), Tolerance.Value, where);
        var mean = Enumerable.Range(0, size).Select(d => (float)Enumerable.Range(0, samples.Length).Average(t => (double)hidden[t * size + d])).ToArray();
        report.Close("encoder", mean, forward.Floats("encoder_mean"), Tolerance.Value, where);
        for (var t = 0; t < samples.Length; t++)
            report.Close("encoder", [.. dims.Select(d => hidden[t * size + d])], samples[t], Tolerance.Value, $"{where}[{t}]");

        executor.Encode(0, forward.Ints("input_ids"));
        var logits = Decode(forward.Ints("decoder_input_ids"));
        report.Close("logits", logits.AsSpan(logits.Length - Driver.VocabularySize), forward.Floats("last_logits"), Tolerance.Value, where);
        LogitChecks.Positions(report, forward.GetProperty("positions"), logits, Driver.VocabularySize, where);
    }

    private void Batch(JsonElement batch)
    {
        var rows = batch.GetProperty("input_ids").EnumerateArray().Select(r => r.Ints()).ToArray();
        var masks = batch.GetProperty("attention_mask").EnumerateArray().Select(r => r.Ints()).ToArray();
        var expected = batch.GetProperty("new_ids").EnumerateArray().Select(r => r.Ints()).ToArray();
        foreach (var chunk in Enumerable.Range(0, rows.Length).Chunk(Slots))
        {
            for (var slot = 0; slot < chunk.Length; slot++)
                executor.Encode(slot, [.. rows[chunk[slot]].Where((_, t) => masks[chunk[slot]][t] == 1)]);
            var (ids, _) = Driver.GreedyTogether([.. chunk.Select(_ => new[] { executor.DecoderStartTokenId })], expected[0].Length, slot => slot);
            for (var slot = 0; slot < chunk.Length; slot++)
                report.SameList("greedy ids", ids[slot], expected[chunk[slot]], $"batch_right_padded[{chunk[slot]}]");
        }
    }

    private void Entropy(JsonElement expected)
    {
        var (encoder, decoder, cross) = (new AttentionEntropy(), new AttentionEntropy(), new AttentionEntropy());
        executor.Encoder.Probe = new TorchEntropyProbe(encoder);
        executor.Encode(0, expected.Ints("input_ids"));
        executor.Encoder.Probe = null;
        (executor.Decoder.Probe, executor.Decoder.CrossProbe) = (new TorchEntropyProbe(decoder), new TorchEntropyProbe(cross));
        Decode(expected.Ints("decoder_input_ids"));
        (executor.Decoder.Probe, executor.Decoder.CrossProbe) = (null, null);
        EntropyChecks.Compare(report, encoder, expected.GetProperty("encoder"), "entropy encoder");
        EntropyChecks.Compare(report, decoder, expected.GetProperty("decoder"), "entropy decoder");
        EntropyChecks.Compare(report, cross, expected.GetProperty("cross"), "entropy cross");
    }

    private void Trace(JsonElement expected)
    {
        var (encoder, decoder) = (new HiddenTrace(), new HiddenTrace());
        encoder.Attach(executor.Encoder);
        executor.Encode(0, expected.Ints("input_ids"));
        executor.Encoder.Observer = null;
        decoder.Attach(executor.Decoder);
        Decode(expected.Ints("decoder_input_ids"));
        executor.Decoder.Observer = null;
        encoder.Compare(report, expected.GetProperty("encoder"), "hidden_trace encoder");
        decoder.Compare(report, expected.GetProperty("decoder"), "hidden_trace decoder");
    }

    private float[] Decode(int[] ids)
    {
        var sequence = DecoderDriver.Start(crossSlot: 0);
        var logits = Driver.Step([(sequence, ids)], all: true);
        Driver.End(sequence);
        return logits;
    }

    private float[] Encoded(int[] ids)
    {
        using var mode = torch.inference_mode();
        using var scope = torch.NewDisposeScope();
        return executor.Hidden(ids).cpu().contiguous().data<float>().ToArray();
    }
}
