using AttentionOperator.Inference.Engine;

namespace AttentionOperator.Runtime.OpenAi;

/// <summary>What completions and chat completions ask for alike.</summary>
internal sealed record GenerationOptions
{
    public required string Model { get; init; }

    public int N { get; init; } = 1;

    /// <summary>As asked; null = the endpoint's default.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Name of the field that <see cref="MaxTokens"/> came from, for errors.</summary>
    public string MaxTokensField { get; init; } = "max_tokens";

    public required SamplingParameters Sampling { get; init; }

    public IReadOnlyList<string> Stop { get; init; } = [];

    public IReadOnlyList<int> StopTokenIds { get; init; } = [];

    /// <summary>Stops do not count before this many output tokens.</summary>
    public int MinTokens { get; init; }

    public bool IgnoreEndTokens { get; init; }

    /// <summary>Alternatives per token; null = no log-probabilities.</summary>
    public int? LogProbs { get; init; }

    public string? JsonSchema { get; init; }

    /// <summary>Requests with another salt share no cached prefix with this one.</summary>
    public string? CacheSalt { get; init; }

    public bool Stream { get; init; }

    public bool IncludeUsage { get; init; }

    public Continuation? Continuation { get; init; }
}

/// <summary>Where another server's answer stopped (internal protocol, docs/continuation.md).</summary>
/// <param name="Id">Id of the answer that goes on.</param>
/// <param name="Created">Its creation time, unix seconds.</param>
/// <param name="TokenIds">Ids of the tokens whose text the client already has.</param>
internal sealed record Continuation(string? Id, long? Created, int[] TokenIds);
