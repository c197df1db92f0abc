using System.Diagnostics;
using AttentionOperator.Inference;
using AttentionOperator.Inference.Engine;

namespace AttentionOperator.InferenceBench.Decoders;

/// <summary>32 requests of mixed lengths at once: continuous batching against batches that end with their longest member.</summary>
internal static class Concurrency
{
    private const int Requests = 32;

    public const int StaticBatch = 8;

    /// <summary>Prompt and output lengths; the output's are skewed, as those of chats are.</summary>
    private static readonly (int Prompt, int Output)[] Lengths = Draw();

    public static int OutputTokens => Lengths.Sum(l => l.Output);

    public static int MaxLength => Lengths.Max(l => l.Prompt) + Lengths.Max(l => l.Output);

    /// <summary>Seconds until the last request is answered by the engine.</summary>
    public static async Task<double> EngineAsync(LoadedModel model)
    {
        using var executor = model.CreateDecoderExecutor(16, Lengths.Sum(l => (l.Prompt + l.Output) / 16 + 1));
        await using var engine = new GenerationEngine(executor, new IdTokenizer(LlamaShape.Vocabulary), new GenerationEngineOptions { MaxSequences = Requests, MaxBatchTokens = 512, PrefixReuse = false, Seed = 1, InteractiveReserve = 0 });
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Lengths.Select(async (length, i) =>
        {
            var request = new GenerationRequest { Id = $"r{i}", PromptIds = Prompt(i, length.Prompt), MaxTokens = length.Output, Sampling = new SamplingParameters { Temperature = 0 } };
            await foreach (var _ in engine.GenerateAsync(request))
            {
            }
        }));
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Seconds for the same requests in batches of 8, in order of arrival, prompts padded to the longest and decoded until the longest output is done.</summary>
    public static double Static(IDecodingPeer peer)
    {
        var start = Stopwatch.GetTimestamp();
        foreach (var batch in Lengths.Chunk(StaticBatch))
        {
            var longest = batch.Max(l => l.Prompt);
            peer.Prefill([.. batch.Select((_, i) => Prompt(i, longest))]);
            for (var step = 1; step < batch.Max(l => l.Output); step++)
                peer.Step();
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public static int[] Prompt(int seed, int length) => [.. Enumerable.Range(0, length).Select(i => (i * 7919 + seed * 104_729 + 17) % LlamaShape.Vocabulary)];

    private static (int Prompt, int Output)[] Draw()
    {
        var random = new Random(32);
        return [.. Enumerable.Range(0, Requests).Select(_ => (random.Next(8, 129), 4 + (int)(124 * Math.Pow(random.NextDouble(), 2.5))))];
    }
}
