namespace AttentionOperator.Tokenization.ChatTemplates.Evaluation;

/// <summary>What <c>namespace()</c> makes: attributes that inner scopes can assign.</summary>
internal sealed class TemplateNamespace
{
    public Dictionary<string, object?> Attributes { get; } = new(StringComparer.Ordinal);
}
