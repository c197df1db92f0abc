namespace AttentionOperator.Inference.Engine;

/// <summary>Priority classes, most urgent first.</summary>
public enum PriorityClass
{
    Interactive,
    Standard,
    Batch,
}

/// <summary>One generation (n = 1; a caller that wants n answers submits n requests, which share the prompt's cache blocks).</summary>
public sealed record GenerationRequest
{
    public required string Id { get; init; }

    /// <summary>Prompt ids; for an encoder-decoder, the encoder's input.</summary>
    public required int[] PromptIds { get; init; }

    /// <summary>Ids that another pod already generated (continuation): computed as context, never emitted again.</summary>
    public int[] GeneratedIds { get; init; } = [];

    public required int MaxTokens { get; init; }

    public SamplingParameters Sampling { get; init; } = new();

    public PriorityClass Priority { get; init; } = PriorityClass.Standard;

    /// <summary>When the caller stops waiting; null = never.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Ids that end the answer (the model's end tokens, unless ignore_eos).</summary>
    public IReadOnlyList<int> StopIds { get; init; } = [];

    /// <summary>Strings that end the answer; they are not part of it.</summary>
    public IReadOnlyList<string> StopStrings { get; init; } = [];

    /// <summary>Number of alternatives whose log-probabilities are reported per token; null = none at all.</summary>
    public int? LogProbs { get; init; }

    /// <summary>Report log-probabilities of the prompt's tokens too (completions' echo with logprobs; perplexity).</summary>
    public bool PromptLogProbs { get; init; }

    /// <summary>JSON schema that the answer must satisfy (JSON text); null = free text.</summary>
    public string? JsonSchema { get; init; }
}

/// <summary>Sampling, applied in the order repetition → frequency/presence → temperature → top-k → top-p → min-p (see Sampling/).</summary>
public sealed record SamplingParameters
{
    /// <summary>0 = greedy.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>0 = off.</summary>
    public int TopK { get; init; }

    public float TopP { get; init; } = 1;

    public float MinP { get; init; }

    public float RepetitionPenalty { get; init; } = 1;

    public float FrequencyPenalty { get; init; }

    public float PresencePenalty { get; init; }

    /// <summary>Same seed, same answer, whatever else is in the batch.</summary>
    public long? Seed { get; init; }

    /// <summary>Added to logits by id.</summary>
    public IReadOnlyDictionary<int, float>? LogitBias { get; init; }
}
