namespace AttentionOperator.Inference.Engine;

/// <summary>One generation (n = 1; a caller that wants n answers submits n requests, which share the prompt's cache blocks).</summary>
public sealed record GenerationRequest
{
    public required string Id { get; init; }

    /// <summary>Prompt ids; for an encoder-decoder, the encoder's input.</summary>
    public required int[] PromptIds { get; init; }

    /// <summary>Ids that another pod already generated (continuation): computed as context, never emitted again.</summary>
    public int[] GeneratedIds { get; init; } = [];

    /// <summary>Most output tokens, <see cref="GeneratedIds"/> included: a continuation is the same request with the ids added.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>Stop ids and stop strings do not count before this many output tokens.</summary>
    public int MinTokens { get; init; }

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

    /// <summary>Requests share cached prefixes within one namespace only (null is a namespace too): tenants cannot probe each other's prompts by timing.</summary>
    public string? CacheNamespace { get; init; }

    /// <summary>Place in the queue that was taken before; null = one is taken now.</summary>
    public AdmissionTicket? Ticket { get; init; }
}
