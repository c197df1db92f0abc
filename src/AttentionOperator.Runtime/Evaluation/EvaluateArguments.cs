using AttentionOperator.Api.V1Alpha1;

namespace AttentionOperator.Runtime.Evaluation;

/// <summary>What <c>evaluate</c> was asked for.</summary>
internal sealed record EvaluateArguments
{
    /// <summary>Name of the model, as requests name it.</summary>
    public required string Name { get; init; }

    public required ModelTask Task { get; init; }

    public required EvaluationMetric Metric { get; init; }

    /// <summary>Base URL of the revision in question.</summary>
    public required Uri Canary { get; init; }

    /// <summary>Base URL of the revision that it is compared with; null for none.</summary>
    public Uri? Stable { get; init; }

    /// <summary>File of JSON lines; null where <see cref="Cases"/> holds them.</summary>
    public string? Golden { get; init; }

    /// <summary>The cases as a JSON array.</summary>
    public string? Cases { get; init; }

    public int MaxTokens { get; init; } = 32;
}
