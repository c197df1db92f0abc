using System.Runtime.CompilerServices;

namespace AttentionOperator.Tokenization.ChatTemplates.Evaluation;

/// <summary>State of one rendering: variables and what it may still use.</summary>
internal sealed class RenderContext(ChatTemplateLimits limits, TimeProvider timeProvider)
{
    private const int CharactersPerStep = 64;

    private long steps;
    private int depth;

    public Dictionary<string, object?> Globals { get; } = new(StringComparer.Ordinal);

    public TimeProvider TimeProvider => timeProvider;

    public int LongestText => limits.Characters;

    public void Step(int line, long count = 1)
    {
        steps += count;
        if (steps > limits.Steps)
            throw new ChatTemplateException($"rendering takes more than {limits.Steps} steps", line);
    }

    /// <summary>Accounts for a string that was made, and bounds its length.</summary>
    public string Made(string text, int line)
    {
        CheckLength(text.Length, line);
        return text;
    }

    /// <summary>Call before making a string whose length is known.</summary>
    public void CheckLength(long length, int line)
    {
        if (length > limits.Characters)
            throw new ChatTemplateException($"a string is longer than {limits.Characters} characters", line);
        Step(line, length / CharactersPerStep);
    }

    public void Enter(int line)
    {
        if (++depth > limits.Depth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new ChatTemplateException($"evaluation is nested deeper than {limits.Depth}", line);
    }

    public void Leave() => depth--;
}
