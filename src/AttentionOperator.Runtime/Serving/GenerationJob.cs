using AttentionOperator.Runtime.OpenAi;

namespace AttentionOperator.Runtime.Serving;

/// <summary>A generation request whose prompts are encoded and fit.</summary>
internal sealed record GenerationJob
{
    public required GenerationOptions Options { get; init; }

    public required IReadOnlyList<Prompt> Prompts { get; init; }

    /// <summary>Output tokens of each choice of a prompt, by prompt.</summary>
    public required IReadOnlyList<int> Budgets { get; init; }

    /// <summary>Text of each prompt that is put before its answers; null = no echo.</summary>
    public IReadOnlyList<string>? Echo { get; init; }

    public ToolCallFormat ToolCalls { get; init; } = ToolCallFormat.None;

    /// <summary>The call that the answer has to be; its announcement is at the end of the prompt.</summary>
    public ForcedToolCall? ForcedCall { get; init; }

    /// <summary>Tokens that a map phase has already cost.</summary>
    public required Usage Spent { get; init; }
}
