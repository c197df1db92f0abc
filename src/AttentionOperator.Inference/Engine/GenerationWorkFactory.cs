using System.Security.Cryptography;
using AttentionOperator.Inference.Cache;
using AttentionOperator.Inference.Constrained;
using AttentionOperator.Inference.Execution;
using AttentionOperator.Inference.Sampling;
using AttentionOperator.Tokenization;

namespace AttentionOperator.Inference.Engine;

/// <summary>Checks a request against the model and makes it into work.</summary>
internal sealed class GenerationWorkFactory(IDecoderExecutor executor, ITokenizer tokenizer, GenerationEngineOptions options, TimeProvider time)
{
    private readonly ISeq2SeqExecutor? encoderDecoder = executor as ISeq2SeqExecutor;
    private readonly Random? seeds = options.Seed is { } seed ? new Random(seed) : null;
    private readonly Random samples = options.Seed is { } sampleSeed ? new Random(sampleSeed) : new Random();

    /// <summary>Longest sequence that both the positions and the whole cache can hold.</summary>
    public int MaxLength { get; } = (int)Math.Min(executor.Shape.MaxPositions, (long)executor.Shape.BlockSize * executor.Shape.BlockCount);

    /// <summary>Throws where the request cannot be served at all; does no work that grows with the request.</summary>
    public void Check(GenerationRequest request)
    {
        var sampling = request.Sampling;
        Require(request.PromptIds.Length > 0, nameof(request.PromptIds), "is empty; expected at least one token");
        Require(request.MaxTokens >= 1, nameof(request.MaxTokens), $"is {request.MaxTokens}; expected at least 1");
        Require(request.LogProbs is null or >= 0, nameof(request.LogProbs), $"is {request.LogProbs}; expected 0 or more");
        Require(float.IsFinite(sampling.Temperature) && sampling.Temperature >= 0, nameof(sampling.Temperature), $"is {sampling.Temperature}; expected 0 or more");
        Require(sampling.TopK >= 0, nameof(sampling.TopK), $"is {sampling.TopK}; expected 0 (off) or more");
        Require(sampling.TopP is > 0 and <= 1, nameof(sampling.TopP), $"is {sampling.TopP}; expected more than 0, up to 1");
        Require(sampling.MinP is >= 0 and <= 1, nameof(sampling.MinP), $"is {sampling.MinP}; expected 0 to 1");
        Require(float.IsFinite(sampling.RepetitionPenalty) && sampling.RepetitionPenalty > 0, nameof(sampling.RepetitionPenalty), $"is {sampling.RepetitionPenalty}; expected more than 0");
        Require(!request.StopStrings.Any(string.IsNullOrEmpty), nameof(request.StopStrings), "holds an empty string");
        CheckIds(request.PromptIds, nameof(request.PromptIds));
        CheckIds(request.GeneratedIds, nameof(request.GeneratedIds));

        if (request.Deadline <= time.GetUtcNow())
            throw new RequestRefusedException(RefusalReason.Deadline, $"The deadline {request.Deadline:O} has passed.");
        CheckLength(request);
    }

    public GenerationWork Create(GenerationRequest request, ITokenConstraint? constraint)
    {
        var prompt = encoderDecoder is null ? request.PromptIds : [encoderDecoder.DecoderStartTokenId];
        var lengthLimit = (int)Math.Min(MaxLength, (long)prompt.Length + request.MaxTokens);
        var tokens = new List<int>(prompt.Length + request.GeneratedIds.Length + 1);
        tokens.AddRange(prompt);
        tokens.AddRange(request.GeneratedIds);
        var encoderInput = encoderDecoder is null ? null : request.PromptIds;

        var sampling = new SamplingState(request.Sampling, request.Sampling.Seed ?? NextSeed());
        sampling.AddPrompt(prompt);
        var text = new TextAssembler(tokenizer.CreateStreamDecoder(), request.StopStrings.Count == 0 ? null : new StopMatcher(request.StopStrings));
        var stopped = false;
        for (var i = 0; i < request.GeneratedIds.Length; i++)
        {
            var id = request.GeneratedIds[i];
            sampling.AddOutput(id);
            text.Push(id, i >= request.MinTokens, out var stopString);
            stopped |= stopString;
            if (constraint is not null && !constraint.Advance(id))
                throw new RequestRefusedException(RefusalReason.Unsupported, $"GeneratedIds[{i}] ({id}) does not satisfy the JSON schema.");
        }

        var wantsPrompt = request.PromptLogProbs && encoderDecoder is null;
        return new GenerationWork
        {
            Id = request.Id,
            Class = request.Priority,
            ArrivedAt = time.GetUtcNow(),
            Deadline = request.Deadline,
            Tokens = tokens,
            EncoderInput = encoderInput,
            CacheRoot = PrefixHash.Root(request.CacheNamespace, encoderInput),
            WantsAllLogits = wantsPrompt,
            WantsEntropy = IsSampled(),
            Request = request,
            StopIds = [.. request.StopIds],
            Sampling = sampling,
            Constraint = constraint,
            Text = text,
            TextInEngine = request.StopStrings.Count > 0,
            PromptLength = prompt.Length,
            LengthLimit = lengthLimit,
            AdmissionCost = Cost(request),
            CompleteAs = CompleteAs(request, stopped || constraint?.Complete == true, tokens.Count >= lengthLimit),
            PromptLogProbs = wantsPrompt ? new TokenLogProb?[prompt.Length] : null,
        };
    }

    /// <summary>Tokens to compute before the first answer.</summary>
    public static int Cost(GenerationRequest request) => request.PromptIds.Length + request.GeneratedIds.Length;

    /// <summary>A continuation may bring an answer that is complete already.</summary>
    private static FinishReason? CompleteAs(GenerationRequest request, bool stopped, bool full)
    {
        var ids = request.GeneratedIds;
        if (ids.Length == 0) return null;
        if (stopped || (ids.Length > request.MinTokens && request.StopIds.Contains(ids[^1]))) return FinishReason.Stop;
        return full ? FinishReason.Length : null;
    }

    private void CheckLength(GenerationRequest request)
    {
        if (encoderDecoder is not null)
        {
            // One more than the input: the decoder's first token runs in the same step.
            var longest = Math.Min(encoderDecoder.MaxEncoderPositions, options.MaxBatchTokens - 1);
            if (request.PromptIds.Length > longest)
                throw new RequestRefusedException(RefusalReason.TooLong, $"The input has {request.PromptIds.Length} tokens; the encoder takes at most {longest}.");
        }

        var prompt = encoderDecoder is null ? request.PromptIds.Length : 1;
        if (prompt >= MaxLength)
        {
            throw new RequestRefusedException(
                RefusalReason.TooLong,
                $"The prompt has {prompt} tokens; with at least one token of output the limit is {MaxLength} (model {executor.Shape.MaxPositions}, cache {(long)executor.Shape.BlockSize * executor.Shape.BlockCount}).");
        }
    }

    private void CheckIds(int[] ids, string field)
    {
        for (var i = 0; i < ids.Length; i++)
            if ((uint)ids[i] >= (uint)executor.Shape.VocabularySize)
                throw new ArgumentException($"{field}[{i}] is {ids[i]}; expected an id below the model's {executor.Shape.VocabularySize}.", field);
    }

    private static void Require(bool holds, string field, string problem)
    {
        if (!holds) throw new ArgumentException($"{field} {problem}.", field);
    }

    private bool IsSampled()
    {
        if (options.EntropySampleRatio <= 0 || executor is not IAttentionEntropySource) return false;
        lock (samples) return samples.NextDouble() < options.EntropySampleRatio;
    }

    private long NextSeed()
    {
        if (seeds is null)
        {
            Span<byte> bytes = stackalloc byte[8];
            RandomNumberGenerator.Fill(bytes);
            return BitConverter.ToInt64(bytes);
        }

        lock (seeds) return seeds.NextInt64();
    }
}
