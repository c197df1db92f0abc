using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using AttentionOperator.Bench.Results;
using AttentionOperator.GpuBench;
using AttentionOperator.Inference;
using AttentionOperator.Inference.Execution.Cuda;

// attention-gpu-bench PYTHON OUTPUT_DIRECTORY SHAPE [SHAPE ...]
// Needs a CUDA device, a build that can use it, and a Python with torch and transformers.
if (args is not [var python, var output, .. { Length: > 0 } shapes])
{
    Console.Error.WriteLine("usage: attention-gpu-bench PYTHON OUTPUT_DIRECTORY SHAPE [SHAPE ...]");
    return 2;
}

var metrics = new SortedDictionary<string, Metric>(StringComparer.Ordinal);
void Add(string name, Metric metric)
{
    metrics[name] = metric;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-44} {metric.Value,12:0.###} {metric.Unit,-10} {(metric.Ratio is { } r ? $"{r:0.00} of {metric.Peer} ({metric.PeerValue:0.###})" : "")}"));
}

foreach (var shape in shapes)
{
    var directory = Directory.CreateTempSubdirectory("gpu-bench-").FullName;
    try
    {
        TransformersPeer.Write(python, shape, directory);
        var before = TransformersPeer.Measure(python, directory);
        var load = Stopwatch.GetTimestamp();
        using var model = ModelLoader.Load(directory, new LoadOptions { Cuda = true });
        using var ours = new EngineRates(model);
        Add($"{shape}_load_seconds", new Metric(Stopwatch.GetElapsedTime(load).TotalSeconds, "seconds"));
        var bandwidth = DeviceBandwidth.Measure();
        foreach (var batch in new[] { 1, 8, 32 })
        {
            var rate = await ours.DecodeAsync(batch);
            var peer = before.Rate($"decode_b{batch}");
            Add($"{shape}_decode_b{batch}_tokens_per_second", new Metric(rate, "tokens/s", "transformers generate(), eager, bfloat16, same weights and device", peer, rate / peer));
            if (batch == 1)
                Add($"{shape}_decode_b1_bandwidth_share", new Metric(rate * ours.MatrixBytes / bandwidth, "ratio", "bytes/s read in a reduction over 2 GiB", bandwidth, rate * ours.MatrixBytes / bandwidth));
        }

        var prefill = ours.Prefill();
        Add($"{shape}_prefill_tokens_per_second", new Metric(prefill, "tokens/s", "transformers forward, same weights and device", before.Rate("prefill"), prefill / before.Rate("prefill")));
        Add($"{shape}_logits_cosine", new Metric(ours.Cosine(before.Logits), "ratio"));
        Add($"{shape}_device_memory_mib", new Metric(CudaMemory.Read()!.Value.UsedBytes / 1048576.0, "MiB"));
    }
    finally
    {
        Directory.Delete(directory, recursive: true);
    }
}

Directory.CreateDirectory(output);
File.WriteAllText(Path.Combine(output, "gpu.json"), BenchmarkReport.Create("gpu", "make bench-gpu", Environment.CurrentDirectory, metrics,
    $"Device: {TransformersPeer.Device(python)}.",
    "Random weights in bfloat16. decode: prompts of 128 tokens, 64 tokens greedily, through the engine (scheduler, sampler, logits on the host) against transformers' generate(); prefill: 2048 tokens.").ToJson());
return 0;
