using System.Text.Json;
using AttentionOperator.Inference;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Execution.Torch;
using AttentionOperator.Inference.Probes;

namespace AttentionOperator.Fidelity;

/// <summary>The README's demands on decoders.</summary>
internal static class DecoderChecks
{
    private const int BlockSize = 16;

    public static void Run(FixtureReport report, LoadedModel model, JsonElement golden)
    {
        var blocks = (model.Description.MaxPositions / BlockSize + 1) * 4;
        using var executor = model.CreateDecoderExecutor(BlockSize, blocks);
        var driver = new DecoderDriver(executor);
        foreach (var forward in golden.Items("forward"))
            Forward(report, driver, forward);
        foreach (var greedy in golden.Items("greedy"))
        {
            var (ids, logits) = driver.Greedy(greedy.Ints("prompt_ids"), greedy.Ints("new_ids").Length);
            LogitChecks.Greedy(report, greedy, ids, logits, $"greedy {greedy.Text("name")}");
        }

        if (golden.Find("greedy_stop") is { } stop)
            Stop(report, driver, stop);
        if (golden.Find("batch_left_padded") is { } batch)
            Batch(report, driver, batch);
        if (golden.Find("attention_entropy") is { } entropy)
            Entropy(report, executor, entropy);
        if (executor is TorchDecoderExecutor torch && golden.Find("hidden_trace") is { } trace)
            Trace(report, driver, torch.Operations, trace);
    }

    private static void Forward(FixtureReport report, DecoderDriver driver, JsonElement forward)
    {
        var name = $"forward {forward.Text("name")}";
        var sequence = DecoderDriver.Start();
        var logits = driver.Step([(sequence, forward.Ints("input_ids"))], all: true);
        driver.End(sequence);
        report.Close("logits", logits.AsSpan(logits.Length - driver.VocabularySize), forward.Floats("last_logits"), Tolerance.Value, name);
        LogitChecks.Positions(report, forward.GetProperty("positions"), logits, driver.VocabularySize, name);
    }

    private static void Stop(FixtureReport report, DecoderDriver driver, JsonElement stop)
    {
        var expected = stop.Ints("new_ids");
        var end = stop.Find("eos_token_id") is { } id ? id.GetInt32() : expected[^1];
        var (ids, _) = driver.Greedy(stop.Ints("prompt_ids"), expected.Length);
        report.SameList("greedy ids", ids, expected, "greedy_stop");
        report.Same("greedy stop", Array.IndexOf(ids, end), expected.Length - 1, "greedy_stop");
    }

    private static void Batch(FixtureReport report, DecoderDriver driver, JsonElement batch)
    {
        // The paged interface has no padding: the rows' real tokens go in side by side, and must give what the padded rows give.
        var rows = batch.GetProperty("input_ids").EnumerateArray().Select(r => r.Ints()).ToArray();
        var masks = batch.GetProperty("attention_mask").EnumerateArray().Select(r => r.Ints()).ToArray();
        var prompts = rows.Select((row, i) => row.Where((_, t) => masks[i][t] == 1).ToArray()).ToArray();
        var expected = batch.GetProperty("new_ids").EnumerateArray().Select(r => r.Ints()).ToArray();
        var (ids, first) = driver.GreedyTogether(prompts, expected[0].Length);
        var logits = batch.GetProperty("first_step_logits").EnumerateArray().Select(r => r.Floats()).ToArray();
        for (var i = 0; i < prompts.Length; i++)
        {
            report.SameList("greedy ids", ids[i], expected[i], $"batch_left_padded[{i}]");
            report.Close("logits", first[i], logits[i], Tolerance.Value, $"batch_left_padded[{i}]");
        }
    }

    private static void Trace(FixtureReport report, DecoderDriver driver, TorchOperations operations, JsonElement expected)
    {
        var trace = new HiddenTrace();
        trace.Attach(operations);
        var sequence = DecoderDriver.Start();
        driver.Step([(sequence, expected.Ints("input_ids"))]);
        driver.End(sequence);
        operations.Observer = null;
        trace.Compare(report, expected.GetProperty("values"), "hidden_trace");
    }

    private static void Entropy(FixtureReport report, IDecoderExecutor executor, JsonElement expected)
    {
        var (entropy, ids) = (new AttentionEntropy(), expected.Ints("input_ids"));
        var batch = new StepBatch();
        batch.TokenIds.AddRange(ids);
        batch.Sequences.Add(new StepSequence(0, ids.Length, 0, [.. Enumerable.Range(0, ids.Length / BlockSize + 1)]));
        ((IAttentionEntropySource)executor).Execute(batch, [], entropy);
        EntropyChecks.Compare(report, entropy, expected.GetProperty("values"), "attention_entropy");
    }
}
