using AttentionOperator.Api.Schema;

namespace AttentionOperator.Api.V1Alpha1;

/// <summary>One case of a golden set.</summary>
public sealed record EvaluationCase
{
    /// <summary>Prompt, or input of an encoder.</summary>
    [RequiredField]
    [Length(8192, 1)]
    public string Prompt { get; init; } = "";

    /// <summary>Expected answer, or label of a classifier; every metric but Cosine needs one.</summary>
    [Length(8192)]
    public string? Expected { get; init; }
}
