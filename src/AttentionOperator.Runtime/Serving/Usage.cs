namespace AttentionOperator.Runtime.Serving;

/// <summary>Tokens of one request, over all its choices.</summary>
internal sealed class Usage
{
    public int PromptTokens { get; set; }

    public int CompletionTokens { get; set; }

    /// <summary>Prompt tokens found in the prefix cache.</summary>
    public int CachedTokens { get; set; }
}
