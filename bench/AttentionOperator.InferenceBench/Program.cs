using System.Globalization;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Bench.Results;
using AttentionOperator.Inference;
using AttentionOperator.Inference.Quantization;
using AttentionOperator.InferenceBench;
using TorchSharp;

if (args is [FirstToken.Argument, var model])
{
    FirstToken.Run(model);
    return;
}

var seconds = args is ["--seconds", var text, ..] ? double.Parse(text, CultureInfo.InvariantCulture) : 4;
var root = FindRoot();
var directory = Directory.CreateTempSubdirectory("inference-bench-").FullName;
try
{
    await MeasureAsync();
}
finally
{
    Directory.Delete(directory, recursive: true);
}

async Task MeasureAsync()
{
    const int MaxBatch = 32, MaxLength = Rates.MaxLength, PrefillLength = 256;
    var threads = Environment.ProcessorCount;
    var metrics = new SortedDictionary<string, Metric>(StringComparer.Ordinal);
    void Add(string name, Metric metric)
    {
        metrics[name] = metric;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-44} {metric.Value,12:0.###} {metric.Unit,-10} {(metric.Ratio is { } r ? $"{r:0.00} of {metric.Peer} ({metric.PeerValue:0.###})" : "")}"));
    }

    var (float32, bfloat16) = (Path.Combine(directory, "f32"), Path.Combine(directory, "bf16"));
    LlamaShape.Write(float32, bfloat16: false);
    LlamaShape.Write(bfloat16, bfloat16: true);
    (string Name, string Directory, Precision Precision, long WeightBytes, torch.ScalarType Torch)[] precisions =
    [
        ("f32", float32, Precision.Float32, LlamaShape.MatrixParameters * 4, torch.ScalarType.Float32),
        ("bf16", bfloat16, Precision.BFloat16, LlamaShape.MatrixParameters * 2, torch.ScalarType.BFloat16),
        ("int8", bfloat16, Precision.Int8, QuantizedMatrix.Bytes(1, LlamaShape.MatrixParameters, 8), torch.ScalarType.BFloat16),
        ("q4", bfloat16, Precision.Int4, QuantizedMatrix.Bytes(1, LlamaShape.MatrixParameters, 4), torch.ScalarType.BFloat16),
    ];
    foreach (var precision in precisions)
    {
        using var loaded = ModelLoader.Load(precision.Directory, new LoadOptions { Precision = precision.Precision });
        using var ours = new ExecutorPeer(loaded, MaxBatch, MaxLength);
        using var loop = new LibtorchLoop(loaded, precision.Torch, threads, MaxBatch, MaxLength);
        var bandwidth = MemoryBandwidth.Measure(threads);
        foreach (var batch in new[] { 1, 8, MaxBatch })
        {
            var rates = Rates.Decode(batch, seconds, ours, loop);
            var name = $"decode_b{batch}_{precision.Name}";
            Add($"{name}_tokens_per_second", new Metric(rates[0], "tokens/s"));
            Add($"{name}_vs_libtorch", new Metric(rates[0] / rates[1], "ratio", $"eager loop over libtorch, {precision.Torch}", rates[1], rates[0] / rates[1]));
            if (batch == 1)
            {
                var read = precision.WeightBytes * rates[0];
                Add($"{name}_bandwidth_share", new Metric(read / bandwidth, "ratio", "bytes/s read from memory by all threads", bandwidth, read / bandwidth));
            }
        }

        var prefill = Rates.Prefill(PrefillLength, ours, loop);
        Add($"prefill_{precision.Name}_tokens_per_second", new Metric(prefill[0], "tokens/s"));
        Add($"prefill_{precision.Name}_vs_libtorch", new Metric(prefill[0] / prefill[1], "ratio", $"eager loop over libtorch, {precision.Torch}, {PrefillLength} tokens", prefill[1], prefill[0] / prefill[1]));
        if (precision.Name != "bf16")
            continue;
        Add("alloc_bytes_per_token", new Metric(Rates.AllocatedPerToken(ours), "bytes"));
        using var wide = new LibtorchLoop(loaded, precision.Torch, threads, 8, Concurrency.MaxLength);
        await Concurrency.EngineAsync(loaded);
        var (engine, batches) = (await Concurrency.EngineAsync(loaded), Concurrency.Static(wide));
        Add("concurrent32_tokens_per_second", new Metric(Concurrency.OutputTokens / engine, "tokens/s"));
        Add("concurrent32_vs_static_batching", new Metric(batches / engine, "ratio", "libtorch loop in static batches of 8, tokens/s", Concurrency.OutputTokens / batches, batches / engine));
    }

    FirstToken.Measure(float32);
    var first = Enumerable.Range(0, 3).Select(_ => FirstToken.Measure(float32)).MinBy(m => m.Seconds);
    Add("first_token_500mb_seconds", new Metric(first.Seconds, "seconds", "target", 2, first.Seconds / 2));
    Add("first_token_500mb_resident_mib", new Metric(first.Resident / 1048576.0, "MiB"));
    BenchmarkReport.Create("inference", "make bench-inference", root, metrics,
        "Decoder of 125 million parameters with random weights; decode after a prompt of 128 tokens at batch 1, of 128 tokens together in larger batches; peers take turns in one process, the best turn of each counts.",
        "int8 and q4 are compared with libtorch in bfloat16: the eager loop has no product for these formats.",
        "Not measured: llama.cpp (vs_llamacpp), ONNX Runtime and encoders (embed_mixed_*).").Write(root);
}

static string FindRoot()
{
    for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        if (File.Exists(Path.Combine(at.FullName, "AttentionOperator.sln")))
            return at.FullName;
    return Environment.CurrentDirectory;
}
