using System.Text.Json.Nodes;
using AttentionOperator.Tokenization.ChatTemplates.Evaluation;
using AttentionOperator.Tokenization.ChatTemplates.Syntax;

namespace AttentionOperator.Tokenization.ChatTemplates;

/// <summary>
/// A published chat template: the subset of Jinja that such templates use, with <c>trim_blocks</c> and <c>lstrip_blocks</c> on. Thread-safe.
/// </summary>
public sealed class ChatTemplate
{
    private readonly IReadOnlyList<Statement> body;
    private readonly IReadOnlyDictionary<string, string> variables;
    private readonly TimeProvider timeProvider;
    private readonly ChatTemplateLimits limits;

    /// <summary>Parses a template. Throws <see cref="ChatTemplateException"/> that names an unsupported construct and its line.</summary>
    /// <param name="source">The template's text.</param>
    /// <param name="specialTokens">Strings by name (bos_token, eos_token, …), given to the template as variables.</param>
    /// <param name="timeProvider">Clock of <c>strftime_now</c>.</param>
    public ChatTemplate(
        string source, IReadOnlyDictionary<string, string> specialTokens, TimeProvider timeProvider, ChatTemplateLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        Source = source;
        variables = specialTokens;
        this.timeProvider = timeProvider;
        this.limits = limits ?? new ChatTemplateLimits();
        body = TemplateParser.Parse(source);
    }

    public string Source { get; }

    /// <summary>Renders a conversation. Tokenize the result without adding special tokens: the template writes them.</summary>
    /// <param name="messages">Array of <c>{role, content, …}</c>.</param>
    /// <param name="addGenerationPrompt">Whether to end with the opening of the assistant's turn.</param>
    /// <param name="tools">Array of tool descriptions, or null.</param>
    /// <param name="extraVariables">Further variables, for example <c>enable_thinking</c>; they win over everything else.</param>
    /// <exception cref="ChatTemplateException">The template refuses the input, or does something that is not supported or too expensive.</exception>
    public string Render(JsonArray messages, bool addGenerationPrompt, JsonArray? tools = null, JsonObject? extraVariables = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var context = new RenderContext(limits, timeProvider);
        foreach (var (name, value) in variables)
            context.Globals[name] = value;
        context.Globals["messages"] = JsonValues.FromNode(messages);
        context.Globals["tools"] = JsonValues.FromNode(tools);
        context.Globals["documents"] = null;
        context.Globals["add_generation_prompt"] = addGenerationPrompt;
        foreach (var (name, value) in extraVariables ?? [])
            context.Globals[name] = JsonValues.FromNode(value);
        return StatementRunner.Render(body, context);
    }
}
