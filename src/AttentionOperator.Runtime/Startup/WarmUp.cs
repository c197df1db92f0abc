using AttentionOperator.Api.Runtime;
using AttentionOperator.Api.V1Alpha1;
using AttentionOperator.Inference.Engine;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Runtime.Serving;

namespace AttentionOperator.Runtime.Startup;

/// <summary>
/// Computes the largest allowed batch before the first client comes: what does not fit or gives no finite numbers fails now. On the CPU, whose memory is
/// taken by use, a batch that would take long is cut to what fits the time; the memory plan covers the rest.
/// </summary>
internal static class WarmUp
{
    private const int ProbeTokens = 8;
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(300);

    public static async Task RunAsync(ServedModel model, int vocabularySize, bool limited, TimeProvider clock, CancellationToken cancellationToken)
    {
        try
        {
            var longest = model.Generation is null || model.IsSeq2Seq ? model.MaxInputTokens : Math.Max(1, Math.Min(model.MaxInputTokens, model.MaxPositions - 2));
            // The first run compiles; the second tells the speed.
            var probe = Math.Min(ProbeTokens, longest);
            await BatchAsync(model, [probe], vocabularySize, cancellationToken);
            var start = clock.GetTimestamp();
            await BatchAsync(model, [probe], vocabularySize, cancellationToken);
            var perToken = clock.GetElapsedTime(start) / probe;
            var tokens = model.Configuration.Limits.MaxBatchTokens;
            if (limited) tokens = Math.Min(tokens, (int)Math.Min(int.MaxValue, Budget / TimeSpan.FromTicks(Math.Max(1, perToken.Ticks))));
            var lengths = Lengths(tokens, longest, model.Configuration.Batching.MaxSequences);
            if (lengths.Count > 0) await BatchAsync(model, lengths, vocabularySize, cancellationToken);
        }
        catch (Exception e) when (e is not (StartFailureException or OperationCanceledException))
        {
            throw new StartFailureException(StartFailureReason.WarmUpFailed, $"The largest allowed batch could not be computed: {e.Message} Lower limits.maxBatchTokens or batching.maxSequences.", e);
        }
    }

    /// <summary>Lengths of sequences that have as many tokens together, none longer than <paramref name="longest"/>, at most <paramref name="most"/>.</summary>
    internal static List<int> Lengths(int tokens, int longest, int most)
    {
        var lengths = new List<int>();
        while (tokens > 0 && lengths.Count < most)
        {
            lengths.Add(Math.Min(tokens, longest));
            tokens -= lengths[^1];
        }

        return lengths;
    }

    private static Task BatchAsync(ServedModel model, IReadOnlyList<int> lengths, int vocabularySize, CancellationToken cancellationToken) =>
        Task.WhenAll(lengths.Select((length, i) =>
        {
            // Different ids: no sequence finds another's in the prefix cache.
            var ids = Enumerable.Range(0, length).Select(t => ((t * 31) + (i * 17) + length) % vocabularySize).ToArray();
            return model.Generation is { } engine ? GenerateAsync(engine, ids, i, cancellationToken) : EncodeAsync(model, ids, i, cancellationToken);
        }));

    private static async Task GenerateAsync(IGenerationEngine engine, int[] ids, int number, CancellationToken cancellationToken)
    {
        var request = new GenerationRequest
        {
            Id = FormattableString.Invariant($"warm-up-{number}"),
            PromptIds = ids,
            MaxTokens = 2,
            Sampling = new SamplingParameters { Temperature = 0 },
            LogProbs = 0,
        };
        await foreach (var item in engine.GenerateAsync(request, cancellationToken).WithCancellation(cancellationToken))
        {
            if (item.LogProb is { } p && !float.IsFinite(p.LogProb)) throw NotFinite();
        }
    }

    private static async Task EncodeAsync(ServedModel model, int[] ids, int number, CancellationToken cancellationToken)
    {
        var output = model.Configuration.Task == ModelTask.Embed ? EncoderOutput.Embedding : EncoderOutput.Logits;
        var vector = await model.Encoder!.RunAsync(new EncoderRequest { Id = FormattableString.Invariant($"warm-up-{number}"), TokenIds = ids, Output = output }, cancellationToken);
        if (!vector.All(float.IsFinite)) throw NotFinite();
    }

    private static StartFailureException NotFinite() =>
        new(StartFailureReason.WarmUpFailed, "The model computes numbers that are not finite; its weights are damaged, or the precision is too low for them.");
}
