using System.Diagnostics;
using AttentionOperator.Inference;
using AttentionOperator.Inference.Engine;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Models.Descriptions;
using AttentionOperator.InferenceBench.Decoders;

namespace AttentionOperator.GpuBench;

/// <summary>Our rates, with the peer's prompts and lengths.</summary>
internal sealed class EngineRates : IDisposable
{
    private const int PromptLength = 128, OutputLength = 64, PrefillLength = 2048, Turns = 3, BlockSize = 16;

    private readonly LoadedModel _model;
    private readonly IDecoderExecutor _executor;

    public EngineRates(LoadedModel model)
    {
        _model = model;
        _executor = model.CreateDecoderExecutor(BlockSize, 32 * (PromptLength + OutputLength) / BlockSize + PrefillLength / BlockSize);
    }

    /// <summary>Bytes of the matrices that every token multiplies, in bfloat16.</summary>
    public long MatrixBytes => 2 * DescriptionTensors.LinearsOf(_model.Description).DistinctBy(l => l.Weight.Name).Sum(l => l.Weight.ElementCount);

    /// <summary>Tokens per second of <paramref name="batch"/> requests at once, after their first tokens.</summary>
    public async Task<double> DecodeAsync(int batch)
    {
        await RunAsync(batch, 2);
        var best = 0.0;
        for (var turn = 0; turn < Turns; turn++)
        {
            var first = await RunAsync(batch, 1);
            var whole = await RunAsync(batch, OutputLength);
            best = Math.Max(best, batch * (OutputLength - 1) / (whole - first));
        }

        return best;
    }

    public double Prefill()
    {
        var best = 0.0;
        for (var turn = 0; turn <= Turns; turn++)
        {
            var start = Stopwatch.GetTimestamp();
            Logits(Concurrency.Prompt(1, PrefillLength));
            best = Math.Max(best, PrefillLength / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    /// <summary>Cosine of our logits after the peer's prompt with the peer's.</summary>
    public double Cosine(float[] expected)
    {
        var actual = Logits(Concurrency.Prompt(3, PromptLength));
        double dot = 0, aa = 0, bb = 0;
        for (var i = 0; i < actual.Length; i++)
        {
            dot += (double)actual[i] * expected[i];
            aa += (double)actual[i] * actual[i];
            bb += (double)expected[i] * expected[i];
        }

        return dot / Math.Sqrt(aa * bb);
    }

    public void Dispose() => _executor.Dispose();

    private float[] Logits(int[] prompt)
    {
        var batch = new StepBatch();
        batch.TokenIds.AddRange(prompt);
        batch.Sequences.Add(new StepSequence(0, prompt.Length, 0, [.. Enumerable.Range(0, (prompt.Length + BlockSize - 1) / BlockSize)]));
        batch.LogitRows.Add(prompt.Length - 1);
        var logits = new float[_executor.Shape.VocabularySize];
        _executor.Execute(batch, logits);
        return logits;
    }

    private async Task<double> RunAsync(int batch, int tokens)
    {
        var options = new GenerationEngineOptions { MaxSequences = 32, MaxBatchTokens = 32 * PromptLength, MaxChunkTokens = PromptLength, PrefixReuse = false, Seed = 1, InteractiveReserve = 0 };
        await using var engine = new GenerationEngine(_executor, new IdTokenizer(_executor.Shape.VocabularySize), options);
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, batch).Select(async i =>
        {
            var request = new GenerationRequest { Id = $"r{i}", PromptIds = Concurrency.Prompt(i, PromptLength), MaxTokens = tokens, Sampling = new SamplingParameters { Temperature = 0 } };
            await foreach (var _ in engine.GenerateAsync(request))
            {
            }
        }));
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
