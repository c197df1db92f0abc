using System.Globalization;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Inference;
using AttentionOperator.Inference.Quantization;
using AttentionOperator.InferenceBench.Peers;
using TorchSharp;

namespace AttentionOperator.InferenceBench.Decoders;

/// <summary>Decode, prefill and concurrency of the Llama shape in every precision, with all peers in turns.</summary>
internal sealed class DecoderSection(BenchRun run)
{
    private const int MaxBatch = 32, Depth = 128, LlamaTokens = 48;

    private readonly LlamaCpp? _llama = LlamaCpp.Find(run.Root);

    public async Task RunAsync(string float32, string bfloat16)
    {
        if (_llama is null)
            run.Notes.Add("llama.cpp is not installed (bench/peers/install-llama-cpp.sh): no vs_llamacpp.");
        DecoderPrecision[] precisions =
        [
            new("f32", float32, Precision.Float32, LlamaShape.MatrixParameters * 4, GgufFormat.F32),
            new("bf16", bfloat16, Precision.BFloat16, LlamaShape.MatrixParameters * 2, GgufFormat.BF16),
            new("int8", bfloat16, Precision.Int8, QuantizedMatrix.Bytes(1, LlamaShape.MatrixParameters, 8), GgufFormat.Q8_0),
            new("q4", bfloat16, Precision.Int4, QuantizedMatrix.Bytes(1, LlamaShape.MatrixParameters, 4), GgufFormat.Q4_0),
        ];
        var arithmetic = MachineBounds.Arithmetic(run.Threads);
        run.Add("bound_arithmetic_flops_per_second", arithmetic, "1/s");
        foreach (var precision in precisions)
            await MeasureAsync(precision, arithmetic);
    }

    private async Task MeasureAsync(DecoderPrecision precision, double arithmetic)
    {
        using var loaded = ModelLoader.Load(precision.Directory, new LoadOptions { Precision = precision.Precision });
        using var ours = new ExecutorPeer(loaded, MaxBatch, Rates.MaxLength);
        // Where the processor has no 16-bit arithmetic, libtorch is faster in float32: it is measured in both, and the faster one counts.
        torch.ScalarType[] types = precision.Precision == Precision.Float32 ? [torch.ScalarType.Float32] : [torch.ScalarType.BFloat16, torch.ScalarType.Float32];
        var loops = types.Select(t => new LibtorchLoop(loaded, t, run.Threads, MaxBatch, Rates.MaxLength)).ToArray();
        var gguf = Path.Combine(run.Scratch, precision.Name + ".gguf");
        if (_llama is not null)
            GgufModel.Write(gguf, loaded, precision.Gguf);
        try
        {
            var decode = $"decode_b1_{precision.Name}";
            var bandwidth = MachineBounds.Bandwidth(run.Threads);
            var rates = Rates.Decode(1, run.Seconds, _llama is null ? null : () => _llama.Decode(gguf, run.Threads, Depth, LlamaTokens), [ours, .. loops]);
            bandwidth = Math.Max(bandwidth, MachineBounds.Bandwidth(run.Threads));
            var fastest = Report(decode, rates, types);
            if (_llama is not null)
                run.Compare($"{decode}_vs_llamacpp", rates[0], $"llama-bench, {precision.Gguf}, after {Depth} tokens", rates[^1]);
            run.Compare($"{decode}_bandwidth_share", precision.WeightBytes * rates[0], "bytes/s read from memory by all threads", bandwidth);

            foreach (var batch in new[] { 8, MaxBatch })
                Report($"decode_b{batch}_{precision.Name}", Rates.Decode(batch, run.Seconds / 2, null, [ours, loops[fastest]]), [types[fastest]]);

            var prefill = $"prefill_{precision.Name}";
            rates = Rates.Prefill(_llama is null ? null : () => _llama.Prefill(gguf, run.Threads, Rates.PrefillLength), [ours, .. loops]);
            fastest = Report(prefill, rates, types);
            if (_llama is not null)
                run.Compare($"{prefill}_vs_llamacpp", rates[0], $"llama-bench, {precision.Gguf}, {Rates.PrefillLength} tokens", rates[^1]);
            run.Compare($"{prefill}_arithmetic_share", 2.0 * LlamaShape.PromptParameters * rates[0], "float32 operations/s of all threads", arithmetic);

            if (precision.Precision == Precision.BFloat16)
                await ConcurrentAsync(loaded, ours, types[fastest]);
        }
        finally
        {
            foreach (var loop in loops)
                loop.Dispose();
            File.Delete(gguf);
        }
    }

    private async Task ConcurrentAsync(LoadedModel loaded, ExecutorPeer ours, torch.ScalarType type)
    {
        run.Add("alloc_bytes_per_token", Rates.AllocatedPerToken(ours), "bytes");
        using var loop = new LibtorchLoop(loaded, type, run.Threads, Concurrency.StaticBatch, Concurrency.MaxLength);
        await Concurrency.EngineAsync(loaded);
        var (engine, batches) = (double.MaxValue, double.MaxValue);
        for (var turn = 0; turn < 2; turn++)
        {
            engine = Math.Min(engine, await Concurrency.EngineAsync(loaded));
            batches = Math.Min(batches, Concurrency.Static(loop));
        }

        run.Add("concurrent32_tokens_per_second", Concurrency.OutputTokens / engine, "tokens/s");
        run.Compare("concurrent32_vs_static_batching", Concurrency.OutputTokens / engine, $"libtorch loop, {type}, static batches of {Concurrency.StaticBatch}, tokens/s", Concurrency.OutputTokens / batches);
    }

    /// <summary>Index of the fastest loop.</summary>
    private int Report(string name, double[] rates, torch.ScalarType[] types)
    {
        var fastest = Enumerable.Range(0, types.Length).MaxBy(i => rates[1 + i]);
        run.Add($"{name}_tokens_per_second", rates[0], "tokens/s");
        run.Compare($"{name}_vs_libtorch", rates[0], string.Create(CultureInfo.InvariantCulture, $"eager loop over libtorch, {types[fastest]}"), rates[1 + fastest]);
        return fastest;
    }

    private sealed record DecoderPrecision(string Name, string Directory, Precision Precision, long WeightBytes, GgufFormat Gguf);
}
